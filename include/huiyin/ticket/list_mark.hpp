#pragma once

#include <huiyin/domain/ticket_names.hpp>

#include <array>
#include <string_view>

namespace huiyin::ticket {

/// What a list of tickets can be narrowed to besides status and people. Bit i of `ticket.marks` stands for the i-th;
/// new ones come at the end.
enum class list_mark {
    promise_open, ///< The customer has a promise that is neither kept nor released.
    returned,     ///< Given back: by the department to the desk, or its reply by the desk to it.
    supervised,
    round_2,          ///< In its second callback or rework, or a later one.
    signature_wanted, ///< A solution, return, hold or final answer waits for a leader.
    repeat,
    vip,
    urged,
    promise_breached,
    customer_waiting,
    reopened,
    extension_pending,
    confidential,
    yellow_card,
    red_card,
    escalated,
};
/// Those that a view counts by: the first ones.
constexpr int counted_marks = 0b11111;
constexpr int bit_of(list_mark m)
{
    return 1 << static_cast<int>(m);
}

} // namespace huiyin::ticket

namespace huiyin::domain {

template <>
struct names<::huiyin::ticket::list_mark>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"promise_open", "returned", "supervised", "round_2", "signature_wanted",
                                         "repeat", "vip", "urged", "promise_breached", "customer_waiting", "reopened",
                                         "extension_pending", "confidential", "yellow_card", "red_card", "escalated"});
};

} // namespace huiyin::domain
