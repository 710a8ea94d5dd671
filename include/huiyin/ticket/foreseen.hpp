#pragma once

#include <huiyin/ticket/configuration.hpp>

#include <optional>
#include <string_view>

namespace huiyin::ticket {

/// What a complaint that comes in now will be promised.
struct foreseen
{
    std::optional<instant> first_answer_by;
    /// Where the clock begins with the dispatch: counted from the latest moment for that.
    std::optional<instant> solution_by;
};

/// Opens such a ticket without keeping it, so that the promise is what the real one gets. Errors: those of `open`.
result<foreseen> foresee(const configuration& rules, std::string_view category, instant now);

} // namespace huiyin::ticket
