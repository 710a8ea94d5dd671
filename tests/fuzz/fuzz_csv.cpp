// CSV files: reading ends, keeps its limits, and takes what it gave, quoted and written again, for the same.
#include <huiyin/upkeep/csv.hpp>

#include <cstdlib>
#include <sstream>

namespace {

using namespace huiyin::upkeep;

constexpr csv_limits limits{.field_bytes = 64, .record_bytes = 256, .fields = 8};

std::string quoted(const std::vector<std::string>& fields)
{
    std::string line;
    for (const auto& field : fields) {
        if (!line.empty()) line += ',';
        line += '"';
        for (const char c : field)
            line += c == '"' ? "\"\"" : std::string(1, c);
        line += '"';
    }
    return line + "\r\n";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
    csv_reader reader(in, limits);
    std::size_t line = 0, consumed = 0, rounds = 0;
    while (const auto next = reader.next()) {
        if (++rounds > size + 1) std::abort();
        const auto at = *next ? (*next)->line : next->error().line;
        if (at < line || reader.consumed() < consumed || reader.consumed() > size) std::abort();
        line = at;
        consumed = reader.consumed();
        if (!*next) continue;
        const auto& fields = (*next)->fields;
        if (fields.empty() || fields.size() > limits.fields) std::abort();
        for (const auto& each : fields)
            if (each.size() > limits.field_bytes) std::abort();
        std::istringstream back(quoted(fields));
        csv_reader again(back);
        const auto same = again.next();
        if (!same || !*same || (*same)->fields != fields || again.next()) std::abort();
    }
    return 0;
}
