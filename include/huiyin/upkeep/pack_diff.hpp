#pragma once

#include <huiyin/ticket/pack.hpp>

#include <string>
#include <vector>

namespace huiyin::upkeep {

/// One difference between two packs by what they mean, not by how they are written: a default that is left out equals
/// the same default spelled out, and a changed default shows in each category that takes it.
struct pack_change
{
    std::string part; ///< "category", "department", "calendar", "user", "reason", …; "pack" for what it has but once.
    std::string code; ///< Which one: "missed_copy", "return/not_our_area"; empty for "pack".
    std::string key;  ///< What of it: "targets.resolve", "name.en"; empty where the whole thing came or went.
    /// Empty where there was none, or is none any more.
    std::string before;
    std::string after;

    bool operator==(const pack_change&) const = default;
};

/// In the order of the document's parts; within one, what went and changed in the order of `before`, then what came.
std::vector<pack_change> compare_packs(const ticket::pack& before, const ticket::pack& after);

/// For people: a line for each thing that differs, below it a line for each key; empty where nothing does.
std::string to_text(const std::vector<pack_change>& changes);

/// The stored document as a file: its own keys first that say what a thing is, short things on one line. It reads back
/// as the same document, so applying it changes nothing. `document` is a JSON object, as the store gives it.
std::string pack_file(const std::string& document);

} // namespace huiyin::upkeep
