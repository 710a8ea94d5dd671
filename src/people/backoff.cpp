#include <huiyin/people/backoff.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace huiyin::people {

instant next_attempt_at(instant failed_at, int failures, const backoff_plan& plan)
{
    if (failures <= plan.free) return instant::min();
    // 2^20 times any first delay is beyond any longest one.
    const auto doublings = std::min(failures - plan.free - 1, 20);
    return failed_at + std::min(plan.first * (1 << doublings), plan.longest);
}

std::string network_of(std::string_view address)
{
    namespace ip = boost::asio::ip;
    boost::system::error_code bad;
    const auto parsed = ip::make_address(address, bad);
    if (bad) return std::string(address);
    if (parsed.is_v4()) return parsed.to_string();
    const auto v6 = parsed.to_v6();
    if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return ip::address_v6(bytes).to_string() + "/64";
}

} // namespace huiyin::people
