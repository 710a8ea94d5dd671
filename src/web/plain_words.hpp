#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace huiyin::web {

enum class language { zh_cn, zh_tw, en };
constexpr std::array<std::string_view, 3> language_tags{"zh-CN", "zh-TW", "en"};

/// One sentence for customers in the three languages.
using words = std::array<std::string_view, 3>;
inline std::string_view said_in(language to, const words& what)
{
    return what[static_cast<std::size_t>(to)];
}

/// What the portal's pages say (web/portal/src/locales), as far as the pages without script say it.
namespace said {
inline constexpr words house{"客户服务", "客戶服務", "Customer service"};
inline constexpr words form_title{"哪里没做好，告诉我们", "哪裡沒做好，告訴我們", "Tell us what went wrong"};
inline constexpr words category{"是哪方面的事", "是哪方面的事", "What is it about"};
inline constexpr words not_chosen{"不清楚，由你们判断", "不清楚，由你們判斷", "Not sure; you decide"};
inline constexpr words problem{"发生了什么", "發生了什麼事", "What happened"};
inline constexpr words wish{"您希望怎么解决", "您希望怎麼解決", "How should we put it right"};
inline constexpr words photos{"照片", "照片", "Photos"};
inline constexpr words optional{"选填", "選填", "optional"};
inline constexpr words name{"怎么称呼您", "怎麼稱呼您", "Your name"};
inline constexpr words phone{"手机", "手機", "Phone"};
inline constexpr words email{"邮箱", "電子郵件", "Email"};
inline constexpr words privacy{"只用来办这件事。不会给被投诉的人看您的号码。",
                               "只用來處理這件事。被申訴的人看不到您的號碼。",
                               "Used for this case only. Whoever you complain about will not see it."};
inline constexpr words trap{"这一栏请空着", "這一欄請留白", "Leave this field empty"};
inline constexpr words submit{"提交", "送出", "Send"};
inline constexpr words to_change{"还没有提交。请改标出来的地方，您写的都在。",
                                 "還沒有送出。請修改標出來的地方，您寫的都還在。",
                                 "Not sent yet. Please change what is marked; what you wrote is still here."};
inline constexpr words photos_lost{"照片没能保留下来，请重新添加。", "照片沒能保留，請重新加入。",
                                   "The photos could not be kept; add them again."};
inline constexpr words required{"这里还没有填。", "這裡還沒有填。", "This is still empty."};
inline constexpr words contact_required{"留一个手机或邮箱，办好了才能告诉您。",
                                        "請留手機或電子郵件，處理好了才能告訴您。",
                                        "Leave a phone number or email, so that we can tell you the result."};
inline constexpr words bad_phone{"这个号码认不出来。手机号，或区号加号码。", "認不出這個號碼。請填手機，或區碼加電話。",
                                 "We cannot read this number. Give a mobile number, or area code and number."};
inline constexpr words bad_email{"这个邮箱认不出来。", "認不出這個電子郵件地址。",
                                 "We cannot read this email address."};
inline constexpr words too_long{"太长了。", "太長了。", "Too long."};
inline constexpr words invalid{"这里的内容认不出来。", "認不出這裡的內容。", "We cannot read this."};
inline constexpr words other_fault{"没有提交上。您写的都在，可以再试，或打电话告诉我们。",
                                   "沒有送出。您寫的都還在，可以再試，或來電告訴我們。",
                                   "It was not sent. Your text is safe: try again, or call us."};
inline constexpr words busy{"现在写的人很多。您写的都在，请过一会儿再提交。",
                            "現在寫的人很多。您寫的都還在，請稍後再送出。",
                            "Many people are writing just now. Your text is safe: send it again in a moment."};
inline constexpr words not_now{"现在收不下。请返回上一页，过一会儿再试。", "現在收不下。請回到上一頁，過一會兒再試。",
                               "We cannot take this right now. Please go back and try again in a while."};
inline constexpr words too_large{"内容太大，没有收下。请返回上一页，少放几张照片再提交。",
                                 "內容太大，沒有收下。請回到上一頁，少放幾張照片再送出。",
                                 "This is too large and was not taken. Please go back and send fewer photos."};
inline constexpr words not_done{"没有办成。请返回上一页再试，或打电话告诉我们。",
                                "沒有辦成。請回到上一頁再試，或打電話告訴我們。",
                                "That did not work. Please go back and try again, or call us."};
inline constexpr words received{"收到了", "收到了", "We have it"};
inline constexpr words number{"您的单号", "您的案號", "Your case number"};
inline constexpr words keep{"记下它，或者存下这个链接。查进度用单号和您留的手机或邮箱。",
                            "請記下案號，或儲存這個連結。查詢進度需要案號和您留的手機或電子郵件。",
                            "Note it down or save this link. To follow the case you need the number and the phone or "
                            "email you gave."};
inline constexpr words due{"在这之前您会有我们的消息：", "在這之前您會有我們的消息：", "You hear from us by "};
inline constexpr words follow{"查看进度", "查看進度", "Follow your case"};
inline constexpr words again{"再说一件", "再說一件", "Tell us something else"};
inline constexpr words parked{"已经收到并保存。单号还没有排出来，有人会看，并按您留的方式联系您。",
                              "已經收到並保存。案號還沒有排出來，會有人查看，並依您留的方式與您聯絡。",
                              "We have it and it is kept. It has no case number yet; someone will look at it and "
                              "contact you."};
inline constexpr words track_title{"办到哪一步了", "處理到哪一步了", "Where does my case stand"};
inline constexpr words track_lead{"填单号，和提交时留的手机或邮箱。", "請填案號，和當時留的手機或電子郵件。",
                                  "Enter the case number and the phone or email you gave."};
inline constexpr words track_number{"单号", "案號", "Case number"};
inline constexpr words track_contact{"手机或邮箱", "手機或電子郵件", "Phone or email"};
inline constexpr words track_submit{"查看", "查看", "Show"};
inline constexpr words track_wrong{"没有对上。单号或联系方式有一个不对，也可能已经过了查询期限。",
                                   "對不上。案號或聯絡方式有一個不對，也可能已經超過查詢期限。",
                                   "These do not match. The number or the contact is not right, or the case is too old "
                                   "to look up."};
inline constexpr words track_other{"现在查不了。您的事照常在办，过一会儿再查。",
                                   "現在無法查詢。您的事照常處理中，請稍後再查。",
                                   "We cannot look it up just now. Your case goes on; try again in a while."};
inline constexpr words next_promise{"下一个承诺", "下一個承諾", "Next promise"};
inline constexpr words steps{"办理经过", "處理經過", "What has been done"};
inline constexpr words department{"负责部门", "負責單位", "Department in charge"};
inline constexpr words reopen_until{"在这之前可以要求重新办理：", "在這之前可以要求重新處理：",
                                    "You can have it reopened until "};
} // namespace said

/// What a stage, a step's meaning or a kind of promise is called; nothing for what customers are not told.
std::optional<words> words_of_stage(std::string_view stage);
std::optional<words> words_of_step(std::string_view what);
std::optional<words> words_of_promise(std::string_view kind);

} // namespace huiyin::web
