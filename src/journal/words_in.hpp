#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/id.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace huiyin::journal {

/// What an event's data says about texts.
struct words_in_data
{
    struct reference
    {
        text_id text;
        sha256_digest digest{};
    };
    /// Each object {"text":"<uuid>","sha256":"<hex>"}, anywhere in the data.
    std::vector<reference> references;
    /// Objects with these two members that are not an id and a digest.
    std::size_t broken = 0;
};
words_in_data words_in(std::string_view data);

/// The ids in the member "texts" of an event `text_erased`; nothing when it has another form.
std::optional<std::vector<text_id>> erased_in(std::string_view data);

} // namespace huiyin::journal
