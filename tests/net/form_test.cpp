#include <huiyin/base/text.hpp>
#include <huiyin/net/message.hpp>

#include <gmock/gmock.h>

namespace huiyin::net {
namespace {

request form(std::string body, std::string boundary = "B")
{
    request req;
    req.headers.emplace_back("content-type", "multipart/form-data; boundary=" + boundary);
    req.body = std::move(body);
    return req;
}

std::string part(std::string_view head, std::string_view bytes)
{
    return "--B\r\n" + std::string(head) + "\r\n\r\n" + std::string(bytes) + "\r\n";
}

std::string file_name_of(std::string_view disposition)
{
    const auto parts = parse_form(
        form(part("Content-Disposition: form-data; name=\"f\"; " + std::string(disposition), "x") + "--B--"));
    return parts && parts->size() == 1 ? parts->front().file_name.value_or("(none)") : "(refused)";
}

TEST(Form, GivesEveryByteBack)
{
    std::string bytes("\r\n--C\r\n\0\xff\r\n\r\n", 14);
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    const auto mail = std::string("From x\r\nSubject:  y\r\n\r\n-- B\n--B\r\nhi\n");
    const auto parts = parse_form(form(
        part("Content-Disposition: form-data; name=\"a\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream",
             bytes) +
        part("Content-Disposition: form-data; name=\"m\"; filename=\"m.eml\"\r\nContent-Type: message/rfc822\r\n"
             "Content-Transfer-Encoding: base64",
             mail) +
        part("content-disposition: form-data; name=empty", "") + "--B--\r\n"));
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 3u);
    EXPECT_EQ((*parts)[0].bytes, bytes);
    EXPECT_EQ((*parts)[0].file_name, "a.bin");
    EXPECT_EQ((*parts)[0].content_type, "application/octet-stream");
    EXPECT_EQ((*parts)[1].bytes, mail);
    EXPECT_EQ((*parts)[2].name, "empty");
    EXPECT_EQ((*parts)[2].bytes, "");
    EXPECT_EQ((*parts)[2].file_name, std::nullopt);
    EXPECT_EQ((*parts)[2].content_type, "text/plain");
}

TEST(Form, RefusesWhatIsNoForm)
{
    request plain;
    EXPECT_EQ(parse_form(plain).error().code, errc::unsupported_media_type);
    plain.headers.emplace_back("content-type", "multipart/mixed; boundary=B");
    EXPECT_EQ(parse_form(plain).error().code, errc::unsupported_media_type);
    const std::string good = part("Content-Disposition: form-data; name=\"a\"", "x");
    for (const auto& bad :
         {std::string(), std::string("x"), good, good + "--B", "preamble\r\n" + good + "--B--",
          "--B \r\n" + good.substr(5) + "--B--", std::string("--B\r\n\r\nx\r\n--B--"),
          part("Content-Disposition: attachment; name=\"a\"", "x") + "--B--",
          part("Content-Disposition: form-data", "x") + "--B--", part("nonsense", "x") + "--B--",
          part("Content-Disposition: form-data; name=\"a", "x") + "--B--",
          part("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"", "x") +
              "--B--",
          part("Content-Disposition: form-data; name=\"a\"; name=\"b\"", "x") + "--B--",
          part("Content-Disposition: form-data; name=\"a\"\r\nX: " + std::string(5000, 'x'), "x") + "--B--"})
        EXPECT_EQ(parse_form(form(bad)).error().code, errc::bad_request) << bad.substr(0, 60);
    EXPECT_EQ(parse_form(form(good + "--B--", "")).error().code, errc::bad_request);
    EXPECT_EQ(parse_form(form(good + "--B--", std::string(71, 'B'))).error().code, errc::bad_request);
    EXPECT_EQ(parse_form(form(part("Content-Disposition: form-data; name=\"\xff\"", "x") + "--B--")).error().code,
              errc::invalid_utf8);
}

TEST(Form, TakesAtMostSoManyParts)
{
    std::string body;
    for (int i = 0; i < 65; ++i)
        body += part("Content-Disposition: form-data; name=\"a\"", "x");
    EXPECT_EQ(parse_form(form(body + "--B--")).error().code, errc::bad_request);
    EXPECT_TRUE(parse_form(form(body + "--B--"), 65));
}

TEST(FileName, IsNeverAPathAndNeverHidesWhatItIs)
{
    EXPECT_EQ(file_name_of("filename=\"../../etc/passwd\""), "passwd");
    EXPECT_EQ(file_name_of("filename=\"C:\\Users\\x\\photo.jpg\""), "photo.jpg");
    EXPECT_EQ(file_name_of("filename=\"/\""), "file");
    EXPECT_EQ(file_name_of("filename=\"..\""), "file");
    EXPECT_EQ(file_name_of("filename=\"\""), "file");
    EXPECT_EQ(file_name_of("filename=\".htaccess\""), "htaccess");
    EXPECT_EQ(file_name_of("filename=\"a\tb.txt\""), "ab.txt");
    EXPECT_EQ(file_name_of("filename=\"photo\xe2\x80\xaegpj.exe\""), "photogpj.exe"); // right-to-left override
    EXPECT_EQ(file_name_of("filename=\"a\xe2\x80\x8b.pdf\""), "a.pdf");               // zero-width space
    EXPECT_EQ(file_name_of("filename=\"x%22y%0D%0Az.txt\""), "x\"y  z.txt");
    EXPECT_EQ(file_name_of("filename=\"say \\\"hi\\\".txt\""), "say \"hi\".txt");
    EXPECT_EQ(file_name_of("filename=\"name. . .\""), "name");
    EXPECT_EQ(file_name_of("filename=\"bad\xff.txt\""), "bad\xef\xbf\xbd.txt");
    EXPECT_EQ(file_name_of("filename=\"发票.pdf\""), "发票.pdf");
    EXPECT_EQ(file_name_of("filename=\"x\"; filename*=UTF-8''%E5%8F%91%2F%E7%A5%A8.pdf"), "票.pdf");
}

TEST(FileName, IsCutBetweenCharactersAndKeepsItsEnding)
{
    std::string letters;
    for (int i = 0; i < 200; ++i)
        letters += "回";
    const auto name = file_name_of("filename=\"" + letters + ".pdf\"");
    EXPECT_LE(name.size(), 255u);
    EXPECT_GE(name.size(), 250u);
    EXPECT_TRUE(name.ends_with("回.pdf"));
    EXPECT_TRUE(is_storable_utf8(name));
    EXPECT_EQ(file_name_of("filename=\"" + std::string(3000, 'a') + "\"").size(), 255u);
}

} // namespace
} // namespace huiyin::net
