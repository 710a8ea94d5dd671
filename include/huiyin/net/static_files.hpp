#pragma once

#include <huiyin/net/router.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace huiyin::net {

/// The files of one folder, read once at start: each with its SHA-256 as ETag, compressed beforehand (gzip level 9,
/// unless a `.gz` or `.br` stands beside it or it is compressed already). Files in a folder `assets` carry a hash in
/// their name and are `immutable`; others are revalidated. Immutable after loading and shared by all reactors.
class static_files
{
public:
    /// At most 64 MiB in all. Errors: `not_configured`.
    static result<std::shared_ptr<const static_files>> load(const std::filesystem::path& folder);
    struct place
    {
        std::string path; ///< In the URL: "/", "/portal/".
        std::string file; ///< Below the folder.
    };
    struct site
    {
        /// Where the files below a path are, in the order to look: {"/", "console/"}, {"/", "portal/"}.
        std::vector<place> folders;
        /// The page that answers a path and all below it that name no file and have no dot in their last segment,
        /// longest path first: {"/track", "portal/track.html"}. Where files like portal/track.en.html stand beside it,
        /// the one in the language of the query's `lang` or of Accept-Language goes instead.
        std::vector<place> pages;
        /// Of the pages without a language in their name.
        std::string language = "en";
        /// Below these nothing is a page.
        std::vector<std::string> no_pages;
    };
    /// Adds GET and HEAD for every path that no other route takes.
    static void add_routes(router& routes, std::shared_ptr<const static_files> files, site layout);
    static_files(const static_files&) = delete;
    ~static_files();

private:
    static_files();
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::net
