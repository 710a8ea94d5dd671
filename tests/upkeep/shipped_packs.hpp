#pragma once

#include <huiyin/ticket/pack.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace huiyin::upkeep {

inline const std::filesystem::path source_root = HUIYIN_SOURCE_ROOT;

inline std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> json_files(const std::filesystem::path& folder)
{
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(folder))
        if (each.path().extension() == ".json") names.push_back(each.path().stem().string());
    std::ranges::sort(names);
    return names;
}

inline std::vector<std::string> shipped_packs()
{
    return json_files(source_root / "config/packs");
}

inline std::string pack_text(const std::string& name)
{
    return text_of(source_root / "config/packs" / (name + ".json"));
}

/// An empty one where it is wrong, which fails the test.
inline ticket::pack sound_pack(const std::string& text)
{
    auto read = ticket::parse_pack(text);
    if (read) return std::move(*read);
    for (const auto& each : read.error())
        ADD_FAILURE() << each.to_string();
    return {};
}

/// As a name of a test.
inline std::string as_test_name(const ::testing::TestParamInfo<std::string>& of)
{
    auto name = of.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

} // namespace huiyin::upkeep
