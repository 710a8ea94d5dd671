#pragma once

#include <huiyin/net/router.hpp>

#include <filesystem>
#include <memory>

namespace huiyin::net {

/// The files of one folder, read once at start: each with its SHA-256 as ETag, compressed beforehand (gzip level 9,
/// unless a `.gz` or `.br` stands beside it or it is compressed already). Files below `assets/` carry a hash in their
/// name and are `immutable`; others are revalidated. Immutable after loading and shared by all reactors.
class static_files
{
public:
    /// At most 64 MiB in all. Errors: `not_configured`.
    static result<std::shared_ptr<const static_files>> load(const std::filesystem::path& folder);
    /// Adds GET and HEAD for every file; "/" and unknown paths below `spa_prefix` (if any) give `index.html`.
    static void add_routes(router& routes, std::string_view prefix, std::shared_ptr<const static_files> files,
                           std::string_view spa_prefix = {});
    static_files(const static_files&) = delete;
    ~static_files();

private:
    static_files();
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::net
