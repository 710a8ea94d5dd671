#include <huiyin/base/id.hpp>

#include <chrono>
#include <cstring>
#include <sodium.h>

namespace huiyin {

uuid uuid::make()
{
    // The 12 bits behind the milliseconds count up within one millisecond (RFC 9562, section 6.2, method 1).
    thread_local std::uint64_t last_ms = 0;
    thread_local std::uint16_t counter = 0;

    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    auto ms = static_cast<std::uint64_t>(now.count());
    uuid made;
    randombytes_buf(made.bytes.data() + 6, 10);
    if (ms > last_ms) {
        last_ms = ms;
        counter = static_cast<std::uint16_t>(((made.bytes[6] << 8) | made.bytes[7]) & 0x07ff);
    } else if (++counter > 0x0fff) {
        counter = 0;
        ++last_ms;
    }
    ms = last_ms;
    for (std::size_t i = 0; i < 6; ++i)
        made.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    made.bytes[6] = static_cast<std::uint8_t>(0x70 | (counter >> 8));
    made.bytes[7] = static_cast<std::uint8_t>(counter);
    made.bytes[8] = static_cast<std::uint8_t>(0x80 | (made.bytes[8] & 0x3f));
    return made;
}

namespace {

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::optional<uuid> uuid::parse(std::string_view text)
{
    if (text.size() != 36) return std::nullopt;
    uuid parsed;
    std::size_t byte = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i++] != '-') return std::nullopt;
            continue;
        }
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        parsed.bytes[byte++] = static_cast<std::uint8_t>(high * 16 + low);
        i += 2;
    }
    return parsed;
}

std::string uuid::to_string() const
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

} // namespace huiyin
