// Multipart forms: parts hold bytes of the body and nothing else, and names that can be stored.
#include <huiyin/base/text.hpp>
#include <huiyin/net/message.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto line = bytes.find('\n');
    huiyin::net::request req;
    req.headers.emplace_back("content-type", line == std::string_view::npos ? "multipart/form-data; boundary=b"
                                                                            : "multipart/form-data; boundary=" +
                                                                                  std::string(bytes.substr(0, line)));
    req.body = bytes.substr(line == std::string_view::npos ? 0 : line + 1);
    const auto parts = huiyin::net::parse_form(req, 8);
    if (!parts) return 0;
    if (parts->size() > 8) std::abort();
    std::size_t sum = 0;
    for (const auto& each : *parts) {
        sum += each.bytes.size();
        if (req.body.find(each.bytes) == std::string::npos) std::abort();
        if (!each.file_name) continue;
        const auto& name = *each.file_name;
        if (name.size() > 255 || !huiyin::is_storable_utf8(name) || name.find_first_of("/\\") != std::string::npos)
            std::abort();
    }
    if (sum > req.body.size()) std::abort();
    return 0;
}
