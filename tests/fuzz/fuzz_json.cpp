// JSON bodies and cursors: what is taken can be written and read again as the same, and holds no NUL.
#include <huiyin/net/message.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    huiyin::net::request req;
    req.headers.emplace_back("content-type", "application/json");
    req.body.assign(reinterpret_cast<const char*>(data), size);
    if (const auto read = req.json()) {
        req.body = read->dump();
        const auto again = req.json();
        if (!again || *again != *read) std::abort();
        if (req.body.find("\\u0000") != std::string::npos && req.body.find("\\\\u0000") == std::string::npos)
            std::abort();
    }
    huiyin::net::request listed;
    listed.query.emplace_back("cursor", std::string(reinterpret_cast<const char*>(data), size));
    if (const auto page = page_of(listed); page && page->after) {
        listed.query[0].second = huiyin::net::encode_cursor(*page->after);
        const auto same = page_of(listed);
        if (!same || same->after != page->after) std::abort();
    }
    return 0;
}
