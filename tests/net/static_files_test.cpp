#include "server_fixture.hpp"

#include <huiyin/net/static_files.hpp>

#include <fstream>
#include <zlib.h>

namespace huiyin::net {
namespace {

namespace fs = std::filesystem;

std::string unzipped(std::string_view bytes)
{
    std::string out(1024 * 1024, '\0');
    z_stream z{};
    EXPECT_EQ(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(bytes.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&z, Z_FINISH), Z_STREAM_END);
    out.resize(z.total_out);
    inflateEnd(&z);
    return out;
}

class StaticFiles : public server_test
{
protected:
    StaticFiles()
    {
        folder = fs::temp_directory_path() / ("huiyin-static-" + uuid::make().to_string());
        write("site/index.html", "<!doctype html><title>回音</title>" + std::string(500, ' '));
        write("site/assets/app-1a2b.js", script);
        write("site/assets/app-1a2b.js.br", "pretend brotli");
        write("site/portal/track.html", "<!doctype html><title>进度</title>");
        write("site/portal/track.zh-TW.html", "<!doctype html><title>進度</title>");
        write("site/portal/track.en.html", "<!doctype html><title>Progress</title>");
        write("site/portal/assets/track-3c4d.css", "main {}");
        write("site/more/assets/more-5e6f.css", "more {}");
        write("site/logo.png", "png");
        write("site/tiny.txt", "x");
        write("secret.txt", "secret");
        fs::create_symlink(folder / "secret.txt", folder / "site/link.txt");
        auto files = static_files::load(folder / "site");
        EXPECT_TRUE(files);
        static_files::add_routes(
            routes, *files,
            {.folders = {{"/portal/", "portal/"}, {"/", ""}, {"/", "more/"}},
             .pages = {{"/track", "portal/track.html"}, {"/app", "index.html"}, {"/start", "index.html"}},
             .language = "zh-CN",
             .no_pages = {"/api/", "/app/files/"}});
    }
    ~StaticFiles() override { fs::remove_all(folder); }

    void write(const std::string& name, std::string_view bytes)
    {
        const auto path = folder / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
    }

    fs::path folder;
    std::string script = "console.log('" + std::string(4000, 'x') + "')";
};

TEST_F(StaticFiles, AreServedWithTypeAndCaching)
{
    start();
    http_client client(port);
    const auto index = client.get("/start");
    EXPECT_EQ(index.status, 200);
    EXPECT_EQ(index.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(index.header("cache-control"), "no-cache");
    EXPECT_THAT(index.body, ::testing::HasSubstr("回音"));
    EXPECT_EQ(index.header("content-security-policy"),
              "default-src 'self'; img-src 'self' data: blob:; frame-src blob:; object-src 'none'; base-uri 'none'; "
              "frame-ancestors 'none'; "
              "form-action 'self'");
    EXPECT_EQ(index.header("cross-origin-opener-policy"), "same-origin");
    EXPECT_NE(index.header("permissions-policy"), "");
    EXPECT_EQ(client.get("/index.html").body, index.body);

    const auto asset = client.get("/assets/app-1a2b.js");
    EXPECT_EQ(asset.header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(asset.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(asset.header("vary"), "Accept-Encoding");
    EXPECT_EQ(asset.body, script);
    EXPECT_EQ(client.get("/logo.png").header("content-type"), "image/png");
    EXPECT_EQ(asset.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'; sandbox");
}

TEST_F(StaticFiles, AreSentAsTheClientCanReadThem)
{
    start();
    http_client client(port);
    const auto coded = [&](const char* accept) {
        return client.get("/assets/app-1a2b.js", {{"Accept-Encoding", accept}});
    };
    const auto gzip = coded("gzip, deflate");
    EXPECT_EQ(gzip.header("content-encoding"), "gzip");
    EXPECT_EQ(unzipped(gzip.body), script);
    EXPECT_LT(gzip.body.size(), 200u);
    EXPECT_EQ(coded("gzip, br").body, "pretend brotli");
    EXPECT_EQ(coded("br;q=0, *").header("content-encoding"), "gzip");
    EXPECT_EQ(coded("gzip;q=0.0").header("content-encoding"), "");
    EXPECT_EQ(coded("identity").body, script);
    EXPECT_EQ(client.get("/tiny.txt", {{"Accept-Encoding", "gzip"}}).header("content-encoding"), "")
        << "would not shrink";
    EXPECT_EQ(client.get("/assets/app-1a2b.js.br").status, 404);
}

TEST_F(StaticFiles, AreNotSentAgainToWhoHasThem)
{
    start();
    http_client client(port);
    const auto first = client.get("/start", {{"Accept-Encoding", "gzip"}});
    const auto etag = first.header("etag");
    EXPECT_EQ(etag.size(), 66u);
    for (const auto& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
        const auto again = client.get("/start", {{"Accept-Encoding", "gzip"}, {"If-None-Match", known}});
        EXPECT_EQ(again.status, 304) << known;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(again.header("etag"), etag);
        EXPECT_EQ(again.header("content-security-policy"), first.header("content-security-policy"))
            << "a browser takes it over for the page that it kept";
    }
    EXPECT_EQ(client.get("/start", {{"If-None-Match", etag}}).status, 200) << "another representation has another tag";
    EXPECT_EQ(client.get("/start", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(StaticFiles, AnswerHeadWithTheirSize)
{
    start();
    http_client client(port);
    const auto head = client.request("HEAD", "/assets/app-1a2b.js");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), std::to_string(script.size()));
    EXPECT_EQ(client.get("/logo.png").body, "png");
}

TEST_F(StaticFiles, NeverLeadOutOfTheirFolder)
{
    start();
    http_client client(port);
    for (const auto* target : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt",
                               "/assets/..%5c..%5csecret.txt", "//secret.txt", "/link.txt", "/assets", "/assets/",
                               "/secret.txt", "/./index.html", "/index.html%00.png", "/index.html/"})
    {
        const auto answer = client.get(target);
        EXPECT_TRUE(answer.status == 404 || answer.status == 400) << target << " " << answer.status;
        EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr("secret"))) << target;
    }
}

TEST_F(StaticFiles, GiveThePageForEveryAddressOfTheApplication)
{
    start();
    http_client client(port);
    const auto index = client.get("/index.html").body;
    EXPECT_EQ(client.get("/app").body, index);
    EXPECT_EQ(client.get("/app/tickets/7").body, index);
    EXPECT_EQ(client.get("/apple").status, 404);
    EXPECT_THAT(client.get("/track/260224-0318").body, ::testing::HasSubstr("进度"));
    EXPECT_EQ(client.get("/app/assets/gone.js").status, 404) << "names a file";
    EXPECT_EQ(client.get("/app/files/7").status, 404) << "nothing is a page there";
    EXPECT_EQ(client.get("/portal/assets/track-3c4d.css").header("cache-control"),
              "public, max-age=31536000, immutable");
    EXPECT_EQ(client.get("/assets/more-5e6f.css").body, "more {}") << "two folders below one path";
    EXPECT_EQ(client.post("/app/tickets/7", "{}").status, 404);
    EXPECT_EQ(client.get("/ok").body, R"({"ok":true})") << "routes of their own go first";
}

TEST_F(StaticFiles, GiveAPageInTheLanguageItsReaderPrefers)
{
    start();
    http_client client(port);
    const auto told = [&](const char* query, const char* accepted) {
        const auto page = client.get(std::string("/track/7") + query, {{"Accept-Language", accepted}});
        EXPECT_EQ(page.header("vary").contains("Accept-Language"), page.header("vary") != "");
        const auto from = page.body.find("<title>") + 7;
        return page.body.substr(from, page.body.find("</title>") - from);
    };
    EXPECT_EQ(told("", ""), "进度");
    EXPECT_EQ(told("", "zh"), "进度");
    EXPECT_EQ(told("", "zh-SG,en;q=0.9"), "进度");
    EXPECT_EQ(told("", "zh-HK,zh;q=0.8,en;q=0.5"), "進度");
    EXPECT_EQ(told("", "zh-Hant"), "進度");
    EXPECT_EQ(told("", "en-GB"), "Progress");
    EXPECT_EQ(told("", "fr,en;q=0.4,zh;q=0.6"), "进度");
    EXPECT_EQ(told("", "fr"), "进度") << "ours where none is known";
    EXPECT_EQ(told("?lang=zh-TW", "en"), "進度");
    EXPECT_EQ(told("?lang=xx", "en;q=0, zh-TW"), "進度");
    EXPECT_EQ(client.get("/portal/track.en.html").status, 200);
}

TEST_F(StaticFiles, AreRefusedAsAWholeWhereTheFolderIsMissing)
{
    const auto loaded = static_files::load(folder / "nowhere");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, errc::not_configured);
}

} // namespace
} // namespace huiyin::net
