#include "plain_words.hpp"

#include <span>
#include <utility>

namespace huiyin::web {

namespace {

using entry = std::pair<std::string_view, words>;

constexpr entry stages[] = {
    {"received", {"收到了，正在看该谁来办", "收到了，正在看該由誰處理", "We have it and are finding the right people"}},
    {"assigned", {"已经交给负责的部门", "已經交給負責單位", "Passed to the department in charge"}},
    {"in_progress", {"正在办理", "正在處理", "We are working on it"}},
    {"promised", {"答应了您一个日子，到时办好", "答應了您一個日子，到時辦好", "We gave you a date and will keep it"}},
    {"reviewing", {"有了结果，我们先核对一遍", "有了結果，我們先核對一遍", "There is a result; we are checking it"}},
    {"calling_back", {"办完了，等您说满不满意", "處理完了，等您說滿不滿意", "Done. Now it is for you to say"}},
    {"closed", {"办结了", "結案了", "Closed"}},
};

// What is passed around in the house (passed_on, work_continues) is not told.
constexpr entry meanings[] = {
    {"registered", {"收到您说的事", "收到您說的事", "We heard from you"}},
    {"assigned", {"交给负责的部门", "交給負責單位", "Passed to the department in charge"}},
    {"work_began", {"开始办理", "開始處理", "Work began"}},
    {"promised", {"答应您一个日子", "答應您一個日子", "We promised you a date"}},
    {"promise_fulfilled", {"答应您的事办好了", "答應您的事辦好了", "What we promised was done"}},
    {"answered", {"有了结果，正在核对", "有了結果，正在核對", "There is a result; we are checking it"}},
    {"assessed", {"有了结果，正在核对", "有了結果，正在核對", "There is a result; we are checking it"}},
    {"asking_you", {"给您回电", "回電給您", "We call you back"}},
    {"not_solved", {"回访：您说没有解决", "回訪：您說沒有解決", "We asked: you said it was not solved"}},
    {"disputed", {"您不同意我们的答复", "您不同意我們的答覆", "You did not agree with our answer"}},
    {"reopened", {"您要求重新办理", "您要求重新處理", "You asked us to take it up again"}},
    {"withdrawal_noted", {"您要撤回，等和您确认", "您要撤回，等跟您確認", "You withdrew; we will check with you"}},
    {"withdrawal_not_confirmed", {"您撤回过，后来继续办", "您撤回過，後來繼續處理", "You withdrew, then we went on"}},
    {"merged", {"和您的另一件事合在一起办", "和您的另一件事合併處理", "Joined with your other case"}},
    {"closed", {"办结", "結案", "Closed"}},
};

constexpr entry promises[] = {
    {"promise", {"兑现答应您的事", "兌現答應您的事", "We do what we promised you"}},
    {"answer", {"解决好，并给您回电", "解決好，並回電給您", "Put right, and we call you back"}},
    {"callback", {"给您回电，问您满不满意", "回電給您，問您滿不滿意", "We call to ask if you are content"}},
};

std::optional<words> find(std::span<const entry> all, std::string_view name)
{
    for (const auto& [code, said] : all)
        if (code == name) return said;
    return std::nullopt;
}

} // namespace

std::optional<words> words_of_stage(std::string_view stage)
{
    return find(stages, stage);
}

std::optional<words> words_of_step(std::string_view what)
{
    return find(meanings, what);
}

std::optional<words> words_of_promise(std::string_view kind)
{
    return find(promises, kind);
}

} // namespace huiyin::web
