#include <huiyin/upkeep/csv.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <istream>

namespace huiyin::upkeep {

namespace {

constexpr std::size_t chunk = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

} // namespace

csv_reader::csv_reader(std::istream& in, csv_limits limits) : in_(in), limits_(limits)
{
    if (!at_end(byte_order_mark.size() - 1) && buffer_.starts_with(byte_order_mark)) advance_to(byte_order_mark.size());
}

/// Whether `place` lies behind the last byte of the file; reads more of it where need be.
bool csv_reader::at_end(std::size_t place)
{
    while (place >= buffer_.size() && !exhausted_) {
        const auto before = buffer_.size();
        buffer_.resize(before + chunk);
        in_.read(buffer_.data() + before, chunk);
        buffer_.resize(before + static_cast<std::size_t>(in_.gcount()));
        exhausted_ = !in_;
    }
    return place >= buffer_.size();
}

void csv_reader::advance_to(std::size_t place)
{
    line_ += static_cast<std::size_t>(std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(start_),
                                                 buffer_.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
    consumed_ += place - start_;
    start_ = place;
    if (start_ >= chunk) {
        buffer_.erase(0, start_);
        start_ = 0;
    }
}

void csv_reader::skip_line()
{
    while (!at_end(start_)) {
        const auto found = buffer_.find('\n', start_);
        if (found != std::string::npos) return advance_to(found + 1);
        advance_to(buffer_.size());
    }
}

std::optional<std::expected<csv_record, csv_fault>> csv_reader::next()
{
    while (!at_end(start_) &&
           (buffer_[start_] == '\n' || (buffer_[start_] == '\r' && !at_end(start_ + 1) && buffer_[start_ + 1] == '\n')))
        advance_to(start_ + (buffer_[start_] == '\n' ? 1 : 2));
    if (at_end(start_)) return std::nullopt;

    csv_record record{.line = line_, .fields = {}};
    auto place = start_;
    if (auto fault = read_record(place, record.fields)) {
        skip_line();
        return std::unexpected(csv_fault{.line = record.line, .reason = std::move(*fault)});
    }
    advance_to(place);
    return record;
}

/// Reads up to and with the line break that ends the record; returns what is wrong with it, if anything.
std::optional<std::string> csv_reader::read_record(std::size_t& place, std::vector<std::string>& fields)
{
    for (;;) {
        if (fields.size() == limits_.fields) return fmt::format("more than {} fields", limits_.fields);
        if (auto fault = read_field(place, fields.emplace_back())) return fault;
        if (at_end(place)) return std::nullopt;
        if (buffer_[place] == ',') {
            ++place;
            continue;
        }
        place += buffer_[place] == '\r' ? 2 : 1;
        return std::nullopt;
    }
}

/// Reads up to the comma or line break behind the field.
std::optional<std::string> csv_reader::read_field(std::size_t& place, std::string& field)
{
    const auto too_long = [&]() -> std::optional<std::string> {
        if (field.size() > limits_.field_bytes)
            return fmt::format("a field of more than {} bytes", limits_.field_bytes);
        if (place - start_ > limits_.record_bytes)
            return fmt::format("a record of more than {} bytes; is a closing quote missing?", limits_.record_bytes);
        return std::nullopt;
    };
    const auto at_line_break = [&] {
        return buffer_[place] == '\n' || (buffer_[place] == '\r' && !at_end(place + 1) && buffer_[place + 1] == '\n');
    };

    if (at_end(place) || buffer_[place] != '"') {
        for (; !at_end(place) && buffer_[place] != ',' && !at_line_break(); ++place) {
            field += buffer_[place];
            if (auto fault = too_long()) return fault;
        }
        return std::nullopt;
    }

    ++place;
    for (;;) {
        if (at_end(place)) return "the file ends inside quotes";
        if (buffer_[place] == '"') {
            if (at_end(place + 1) || buffer_[place + 1] != '"') break;
            ++place;
        }
        field += buffer_[place++];
        if (auto fault = too_long()) return fault;
    }
    ++place;
    if (!at_end(place) && buffer_[place] != ',' && !at_line_break()) return "text after a closing quote";
    return std::nullopt;
}

} // namespace huiyin::upkeep
