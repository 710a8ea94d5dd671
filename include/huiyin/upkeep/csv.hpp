#pragma once

#include <cstddef>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::upkeep {

struct csv_limits
{
    std::size_t field_bytes = 256 * 1024;
    /// Of one record as it stands in the file, quotes and line breaks included.
    std::size_t record_bytes = 1024 * 1024;
    std::size_t fields = 512;
};

struct csv_record
{
    /// Where it begins, from 1; a record with quoted line breaks covers several lines.
    std::size_t line = 0;
    std::vector<std::string> fields;
};

struct csv_fault
{
    std::size_t line = 0;
    std::string reason;
};

/// Reads RFC 4180 record by record with bounded memory: comma, double quotes, CRLF or LF, line breaks within quotes, a
/// byte order mark before the first record. Empty lines are passed over. A quote inside an unquoted field stands for
/// itself, as in every spreadsheet; text after a closing quote is a fault, as it could mean two things. Bytes are not
/// looked at otherwise: whether they are UTF-8 is the caller's question.
class csv_reader
{
public:
    explicit csv_reader(std::istream& in, csv_limits limits = {});

    /// The next record, or what is wrong with it, or nothing at the end of the file. After a fault reading goes on with
    /// the line after the one where the faulty record began, so that one stray quote costs one record and not the rest
    /// of the file.
    std::optional<std::expected<csv_record, csv_fault>> next();

    /// Bytes of the file that are behind us, for a progress bar.
    std::size_t consumed() const { return consumed_; }

private:
    bool at_end(std::size_t place);
    std::optional<std::string> read_record(std::size_t& place, std::vector<std::string>& fields);
    std::optional<std::string> read_field(std::size_t& place, std::string& field);
    void advance_to(std::size_t place);
    void skip_line();

    std::istream& in_;
    csv_limits limits_;
    std::string buffer_;
    std::size_t start_ = 0; ///< Of the record being read, in buffer_.
    std::size_t line_ = 1;
    std::size_t consumed_ = 0;
    bool exhausted_ = false;
};

} // namespace huiyin::upkeep
