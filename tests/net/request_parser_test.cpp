#include "request_parser.hpp"

#include <gtest/gtest.h>

namespace huiyin::net {
namespace {

TEST(RequestParser, TakesALastChunkThatComesByteByByte)
{
    const std::string_view head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string_view body : {"0\r\n\r\n", "0\r\nTrailer: value\r\n\r\n", "00;x=y\r\n\r\n",
                                        "3\r\n0\r\n\r\n0\r\n\r\n", "1\r\nx\r\n0\r\n\r\n"})
    {
        request into;
        request_parser parser(into, 16 * 1024);
        boost::system::error_code ec;
        parser.eager(false);
        ASSERT_EQ(parser.put(boost::asio::buffer(head), ec), head.size());
        parser.eager(true);
        std::size_t begin = 0;
        for (std::size_t end = 1; end <= body.size(); ++end) {
            ASSERT_FALSE(parser.is_done());
            begin += parser.put(boost::asio::buffer(body.data() + begin, end - begin), ec);
            ASSERT_TRUE(!ec || ec == boost::beast::http::error::need_more) << ec.message() << " in " << body;
        }
        EXPECT_TRUE(parser.is_done()) << body;
        EXPECT_EQ(begin, body.size());
        EXPECT_EQ(into.body, body.starts_with('3') ? "0\r\n" : body.starts_with('1') ? "x" : "");
    }
}

} // namespace
} // namespace huiyin::net
