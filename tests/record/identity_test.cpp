#include <huiyin/record/identity.hpp>

#include <gtest/gtest.h>

#include <set>

namespace huiyin::record {
namespace {

/// Everything a reader may type into a form, a caller may say to an agent, or another system may hold of one mobile.
constexpr std::string_view forms_of_one_mobile[] = {
    // bare and grouped
    "13812345678",
    " 13812345678",
    "13812345678 ",
    "138 1234 5678",
    "138 12345678",
    "138-1234-5678",
    "138-12345678",
    "138.1234.5678",
    "138 123 456 78",
    "1381 2345 678",
    "13812 345678",
    "138  1234  5678",
    "138- 1234 -5678",
    "138/1234/5678",
    "(138)12345678",
    "(138) 1234-5678",
    "(138)1234 5678",
    "1 3 8 1 2 3 4 5 6 7 8",
    "138‑1234‑5678",
    "138–1234–5678",
    "138—1234—5678",
    "138−1234−5678",
    "138·1234·5678",
    "138\t1234\t5678",
    "138\u00a01234\u00a05678",
    "138\u20091234\u20095678",
    "\u202d13812345678\u202c",
    "\ufeff13812345678",
    "1381\u200b2345678",
    // the country's code
    "+8613812345678",
    "+86 13812345678",
    "+86 138 1234 5678",
    "+86-138-1234-5678",
    "+86.138.1234.5678",
    "+86-13812345678",
    "+86(138)12345678",
    "+86 (138) 1234-5678",
    "(+86)13812345678",
    "(+86) 138 1234 5678",
    "(+86)-138-1234-5678",
    "+ 86 138 1234 5678",
    "+86–138–1234–5678",
    "8613812345678",
    "86 13812345678",
    "86-138-1234-5678",
    "86 138 1234 5678",
    "(86)13812345678",
    "(86) 138 1234 5678",
    "(86)138-1234-5678",
    "【+86】13812345678",
    "〔86〕13812345678",
    // the international prefix
    "008613812345678",
    "0086 13812345678",
    "0086 138 1234 5678",
    "0086-138-1234-5678",
    "0086-13812345678",
    "00 86 138 1234 5678",
    "00-86-138-1234-5678",
    "(0086)13812345678",
    "(0086) 138 1234 5678",
    "(0086)-138-1234-5678",
    "0086(138)12345678",
    // the trunk zero, which long-distance callers dial before a mobile
    "013812345678",
    "0 138 1234 5678",
    "0-138-1234-5678",
    "(0)13812345678",
    "(0)138 1234 5678",
    "+86 013812345678",
    "+86 (0) 138 1234 5678",
    "+86(0)13812345678",
    "+86-0138-1234-5678",
    "0086 0138 1234 5678",
    // full width
    "１３８１２３４５６７８",
    "１３８ １２３４ ５６７８",
    "１３８－１２３４－５６７８",
    "＋８６１３８１２３４５６７８",
    "＋８６ １３８ １２３４ ５６７８",
    "＋８６－１３８－１２３４－５６７８",
    "（＋８６）１３８１２３４５６７８",
    "００８６１３８１２３４５６７８",
    "００８６－１３８－１２３４－５６７８",
    "０１３８１２３４５６７８",
    "８６１３８１２３４５６７８",
    "（138）１２３４５６７８",
    "138１２３４5678",
    "　13812345678　",
    "138．1234．5678",
    "138　1234　5678",
    // with a word in front, or a scheme
    "tel:+8613812345678",
    "tel:+86-138-1234-5678",
    "Tel: 138-1234-5678",
    "TEL.13812345678",
    "Phone: +86 138 1234 5678",
    "Mobile:13812345678",
    "电话:13812345678",
    "电话：138-1234-5678",
    "電話：138 1234 5678",
    "手机:13812345678",
    "手机 138 1234 5678",
    "手機：+86 13812345678",
    "联系电话：１３８１２３４５６７８",
    // an extension that a mobile does not have
    "13812345678 ext. 801",
    "138-1234-5678转801",
    "+86 138 1234 5678 x801",
};

TEST(ParsePhone, FindsTheSamePersonInAHundredForms)
{
    std::set<std::string_view> distinct;
    for (const auto form : forms_of_one_mobile) {
        distinct.insert(form);
        const auto found = parse_phone(form);
        ASSERT_TRUE(found) << "[" << form << "]";
        EXPECT_EQ(found->value(), "+8613812345678") << "[" << form << "]";
    }
    EXPECT_GE(distinct.size(), 100u);
}

struct form
{
    std::string_view typed;
    std::string_view value;
};

class PhoneForm : public testing::TestWithParam<form>
{};

TEST_P(PhoneForm, IsNormalised)
{
    const auto found = parse_phone(GetParam().typed);
    ASSERT_TRUE(found) << GetParam().typed;
    EXPECT_EQ(found->value(), GetParam().value) << GetParam().typed;
}

INSTANTIATE_TEST_SUITE_P(
    FixedLine, PhoneForm,
    testing::Values(form{"010-65552222", "+861065552222"}, form{"(010)65552222", "+861065552222"},
                    form{"（010）6555-2222", "+861065552222"}, form{"010 6555 2222", "+861065552222"},
                    form{"01065552222", "+861065552222"}, form{"0086-10-65552222", "+861065552222"},
                    form{"+86 10 6555 2222", "+861065552222"}, form{"+86 (010) 6555 2222", "+861065552222"},
                    form{"+86-010-65552222", "+861065552222"}, form{"86-10-65552222", "+861065552222"},
                    form{"０１０－６５５５２２２２", "+861065552222"}, form{"座机：010-65552222", "+861065552222"},
                    form{"0755-25551234", "+8675525551234"}, form{"(0755) 2555 1234", "+8675525551234"},
                    form{"0086 755 25551234", "+8675525551234"}, form{"0512-65551234", "+8651265551234"},
                    form{"400-810-1234", "+864008101234"}));

INSTANTIATE_TEST_SUITE_P(
    Extension, PhoneForm,
    testing::Values(
        form{"010-65552222转801", "+861065552222;ext=801"}, form{"010-65552222 转 801", "+861065552222;ext=801"},
        form{"010-65552222轉801", "+861065552222;ext=801"}, form{"010-65552222转分机801", "+861065552222;ext=801"},
        form{"010-65552222 分机801", "+861065552222;ext=801"}, form{"010-65552222分機：801", "+861065552222;ext=801"},
        form{"010-65552222 内线801", "+861065552222;ext=801"}, form{"010-65552222 ext. 801", "+861065552222;ext=801"},
        form{"010-65552222 ext 801", "+861065552222;ext=801"}, form{"010-65552222 EXT.801", "+861065552222;ext=801"},
        form{"010-65552222 extension 801", "+861065552222;ext=801"}, form{"010-65552222x801", "+861065552222;ext=801"},
        form{"010-65552222 X 801", "+861065552222;ext=801"}, form{"010-65552222#801", "+861065552222;ext=801"},
        form{"+861065552222;ext=801", "+861065552222;ext=801"},
        form{"tel:+86-10-65552222;ext=801", "+861065552222;ext=801"},
        form{"０１０－６５５５２２２２转８０１", "+861065552222;ext=801"}));

INSTANTIATE_TEST_SUITE_P(
    Foreign, PhoneForm,
    testing::Values(form{"+1 212 736 5000", "+12127365000"}, form{"001 212 736 5000", "+12127365000"},
                    form{"+1 (212) 736-5000 ext. 12", "+12127365000;ext=12"}, form{"+44 20 7946 0958", "+442079460958"},
                    form{"+44 (0)20 7946 0958", "+442079460958"}, form{"+852 2123 4567", "+85221234567"},
                    form{"00852 2123 4567", "+85221234567"}, form{"+886 2 2345 6789", "+886223456789"},
                    form{"+81 3-3234-5678", "+81332345678"}, form{"+49 30 901820", "+4930901820"}));

TEST(ParsePhone, TakesAChineseMobileOfARangeThatTheLibraryDoesNotKnow)
{
    EXPECT_EQ(parse_phone("19412345678")->value(), "+8619412345678");
    EXPECT_EQ(parse_phone("+86 194 1234 5678")->value(), "+8619412345678");
}

TEST(ParsePhone, RefusesWhatNamesNobody)
{
    for (const std::string_view typed : {"",
                                         " ",
                                         "无",
                                         "不详",
                                         "没有电话",
                                         "n/a",
                                         "-",
                                         "+",
                                         "+86",
                                         "0086",
                                         "110",
                                         "12345",
                                         "95598",
                                         "10086",
                                         "1381234567",
                                         "138123456789",
                                         "+86 138 1234 567",
                                         "00000000000",
                                         "12345678901",
                                         "1234567890123456789012345678901",
                                         "+999 123 456 789",
                                         "zhang@example.com",
                                         "http://example.com/13812345678",
                                         "65552222",
                                         "٠",
                                         "+8613812345678; DROP",
                                         "13812345678 13912345678",
                                         "\xff\xfe",
                                         "138123\x01 45678"})
    {
        const auto found = parse_phone(typed);
        EXPECT_FALSE(found) << "[" << typed << "] became " << (found ? found->value() : "");
        if (!found) EXPECT_EQ(found.error().code, errc::invalid_field);
    }
    EXPECT_FALSE(parse_phone(std::string(1'000'000, '1')));
    EXPECT_FALSE(parse_phone(std::string_view("138\0"
                                              "12345678",
                                              12)));
}

TEST(ParsePhone, PutsTheAreaCodeOfTheHouseBeforeALocalNumber)
{
    const phone_settings beijing{.region = "CN", .area_code = "010"};
    EXPECT_EQ(parse_phone("6555 2222", beijing)->value(), "+861065552222");
    EXPECT_EQ(parse_phone("65552222转801", beijing)->value(), "+861065552222;ext=801");
    EXPECT_EQ(parse_phone("0755-25551234", beijing)->value(), "+8675525551234");
    EXPECT_EQ(parse_phone("13812345678", beijing)->value(), "+8613812345678");
    EXPECT_FALSE(parse_phone("95598", beijing));
}

TEST(ParsePhone, ReadsANumberAsTheRegionDoes)
{
    const phone_settings york{.region = "US", .area_code = ""};
    EXPECT_EQ(parse_phone("(212) 736-5000", york)->value(), "+12127365000");
    EXPECT_FALSE(parse_phone("13812345678", york));
    EXPECT_EQ(parse_phone("+86 138 1234 5678", york)->value(), "+8613812345678");
}

TEST(ParseEmail, GivesOneFormWhateverWasTyped)
{
    for (const std::string_view typed :
         {"zhang.wei@example.com", " Zhang.Wei@Example.COM ", "ｚｈａｎｇ．ｗｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ",
          "　ZHANG.WEI@EXAMPLE.COM　", "mailto:zhang.wei@example.com", "zhang.wei@example。com"})
        EXPECT_EQ(parse_email(typed), "zhang.wei@example.com") << typed;
    EXPECT_EQ(parse_email("a+b_c@mail.example.co.uk"), "a+b_c@mail.example.co.uk");
    EXPECT_EQ(parse_email("张伟@例子.中国"), "张伟@例子.中国");
}

TEST(ParseEmail, RefusesWhatIsNoAddress)
{
    for (const std::string_view typed : {"",
                                         "@",
                                         "zhang",
                                         "zhang@",
                                         "@example.com",
                                         "zhang@localhost",
                                         "zhang@@example.com",
                                         "a b@example.com",
                                         ".a@example.com",
                                         "a.@example.com",
                                         "a..b@example.com",
                                         "a@-example.com",
                                         "a@example-.com",
                                         "a@exa mple.com",
                                         "a@1.2.3.4",
                                         "a@example..com",
                                         "\"a b\"@example.com",
                                         "a@example.com\r\nBcc: b@example.com",
                                         "a@b@example.com",
                                         "a,b@example.com",
                                         "<a@example.com>"})
        EXPECT_FALSE(parse_email(typed)) << "[" << typed << "]";
    EXPECT_FALSE(parse_email(std::string(65, 'a') + "@example.com"));
    EXPECT_FALSE(parse_email("a@" + std::string(300, 'b') + ".com"));
}

TEST(Masked, ShowsEnoughToRecogniseAndNotEnoughToReach)
{
    EXPECT_EQ(masked({identity_kind::phone, "+8613812345678"}), "+86138****5678");
    EXPECT_EQ(masked({identity_kind::phone, "+861065552222;ext=801"}).find("65552222"), std::string::npos);
    EXPECT_EQ(masked({identity_kind::email, "zhang.wei@example.com"}), "z***@example.com");
    EXPECT_EQ(masked({identity_kind::chat, "openid-123"}), "***");
}

TEST(LockKey, TellsKindsAndValuesApart)
{
    EXPECT_EQ(lock_key({identity_kind::phone, "+8613812345678"}), lock_key({identity_kind::phone, "+8613812345678"}));
    EXPECT_NE(lock_key({identity_kind::phone, "1"}), lock_key({identity_kind::email, "1"}));
    EXPECT_NE(lock_key({identity_kind::phone, "1"}), lock_key({identity_kind::phone, "2"}));
}

} // namespace
} // namespace huiyin::record
