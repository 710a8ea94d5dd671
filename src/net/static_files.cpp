#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/net/static_files.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <tuple>
#include <zlib.h>

namespace huiyin::net {

namespace {

constexpr std::size_t most_bytes = 64 * 1024 * 1024;

struct encoded
{
    std::string bytes;
    std::string etag; ///< Another representation is another entity.
};

struct file
{
    encoded plain;
    std::optional<encoded> gzip;
    std::optional<encoded> brotli;
    std::string content_type;
    bool immutable = false;
    bool in_languages = false; ///< One of several pages that differ in their language.
};

std::string content_type_of(const std::filesystem::path& path)
{
    static const std::map<std::string, std::string, std::less<>> types{
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
        {".yaml", "application/yaml"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".wasm", "application/wasm"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
    };
    const auto found = types.find(lower_ascii(path.extension().string()));
    return found == types.end() ? "application/octet-stream" : found->second;
}

bool shrinks(std::string_view content_type)
{
    return content_type.starts_with("text/") || content_type.starts_with("application/") ||
           content_type == "image/svg+xml";
}

std::string etag_of(std::string_view bytes)
{
    const auto digest = sha256(bytes);
    return '"' + to_hex(digest) + '"';
}

std::optional<std::string> read(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    return in.bad() ? std::nullopt : std::optional(std::move(bytes));
}

std::optional<std::string> gzipped(std::string_view bytes)
{
    constexpr int gzip_window = 15 + 16;
    z_stream z{};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return std::nullopt;
    std::string out(deflateBound(&z, static_cast<uLong>(bytes.size())), '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(bytes.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int outcome = deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    if (outcome != Z_STREAM_END || out.size() >= bytes.size()) return std::nullopt;
    return out;
}

/// Whether Accept-Encoding names the coding (or "*") with a weight above 0 (RFC 9110, section 12.5.3).
bool accepts(std::string_view header, std::string_view coding)
{
    std::optional<bool> any;
    for (const auto& each : split(header, ',')) {
        const auto parts = split(each, ';');
        const auto name = lower_ascii(trimmed(parts[0]));
        double weight = 1;
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const auto parameter = trimmed(parts[i]);
            if (parameter.starts_with("q=") || parameter.starts_with("Q="))
                std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), weight);
        }
        if (name == coding) return weight > 0;
        if (name == "*") any = weight > 0;
    }
    return any.value_or(false);
}

bool matches(std::string_view if_none_match, std::string_view etag)
{
    for (const auto& each : split(if_none_match, ',')) {
        auto tag = trimmed(each);
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag || tag == "*") return true;
    }
    return false;
}

/// Of track.zh-TW.html: "zh-tw"; empty where its name has none.
std::string language_in(const std::string& name)
{
    const auto parts = split(name.substr(name.rfind('/') + 1), '.');
    return parts.size() == 3 && parts[2] == "html" ? lower_ascii(parts[1]) : std::string();
}

/// Tags of languages as the reader prefers them: the query's `lang`, then Accept-Language (RFC 9110, section 12.5.4).
std::vector<std::string> languages_of(const request& req)
{
    constexpr std::size_t most = 16;
    // By weight, the heaviest first, then in the order told.
    std::vector<std::tuple<double, std::size_t, std::string>> all;
    if (const auto asked = req.query_value("lang")) all.emplace_back(-2, 0, lower_ascii(*asked));
    for (const auto& each : split(req.header("accept-language").value_or(""), ',')) {
        if (all.size() == most) break;
        const auto parts = split(each, ';');
        double weight = 1;
        if (parts.size() > 1)
            if (const auto parameter = trimmed(parts[1]); parameter.starts_with("q="))
                std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), weight);
        if (weight > 0) all.emplace_back(-weight, all.size(), lower_ascii(trimmed(parts[0])));
    }
    std::ranges::sort(all);
    std::vector<std::string> tags;
    for (auto& [weight, place, tag] : all)
        tags.push_back(std::move(tag));
    return tags;
}

/// How well a page in `offered` suits a reader of `wanted`: 2 the very language, 1 another form of it, 0 not. Chinese
/// is two languages to a reader: what is written in Taiwan, Hong Kong and Macao, and the rest.
int suits(std::string_view offered, std::string_view wanted)
{
    const auto written = [](std::string_view tag) -> std::string {
        if (!tag.starts_with("zh")) return std::string(tag.substr(0, tag.find('-')));
        for (const auto* traditional : {"tw", "hk", "mo", "hant"})
            if (tag.contains(traditional)) return "zh-hant";
        return "zh-hans";
    };
    return offered == wanted ? 2 : written(offered) == written(wanted) ? 1 : 0;
}

response reply_with(const file& f, const request& req)
{
    const auto accepted = req.header("accept-encoding").value_or("");
    const auto* chosen = &f.plain;
    std::string_view coding;
    if (f.brotli && accepts(accepted, "br"))
        chosen = &*f.brotli, coding = "br";
    else if (f.gzip && accepts(accepted, "gzip"))
        chosen = &*f.gzip, coding = "gzip";

    response reply;
    reply.with("ETag", chosen->etag);
    reply.with("Cache-Control", f.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (f.gzip || f.brotli) reply.with("Vary", f.in_languages ? "Accept-Encoding, Accept-Language" : "Accept-Encoding");
    // Of a 304, too: its headers replace those that the browser kept, and a page without the rules of pages is dead.
    reply.content_type = f.content_type;
    if (const auto known = req.header("if-none-match"); known && matches(*known, chosen->etag)) {
        reply.status = 304;
        return reply;
    }
    if (!coding.empty()) reply.with("Content-Encoding", std::string(coding));
    reply.shared_body = chosen->bytes;
    return reply;
}

} // namespace

struct static_files::impl
{
    std::map<std::string, file, std::less<>> files; ///< By path below the folder, with '/'.

    const file* named(const std::string& name) const
    {
        const auto found = files.find(name);
        return found == files.end() ? nullptr : &found->second;
    }

    /// The page or, where the reader prefers it, its like in another language.
    const file* page(const std::string& name, const std::string& language, const request& req) const
    {
        const auto* const plain = named(name);
        if (!plain || !plain->in_languages) return plain;
        const auto stem = name.substr(0, name.rfind('.')) + ".";
        for (const auto& wanted : languages_of(req)) {
            auto best = std::pair(suits(lower_ascii(language), wanted), plain);
            for (auto it = files.lower_bound(stem); it != files.end() && it->first.starts_with(stem); ++it)
                if (const auto tag = language_in(it->first); !tag.empty())
                    best = std::max(best, std::pair(suits(tag, wanted), &it->second),
                                    [](const auto& a, const auto& b) { return a.first < b.first; });
            if (best.first > 0) return best.second;
        }
        return plain;
    }
};

static_files::static_files() : impl_(std::make_unique<impl>()) {}
static_files::~static_files() = default;

result<std::shared_ptr<const static_files>> static_files::load(const std::filesystem::path& folder)
{
    namespace fs = std::filesystem;
    std::error_code failure;
    std::map<std::string, std::string, std::less<>> found;
    std::size_t total = 0;
    fs::recursive_directory_iterator it(folder, failure);
    for (; !failure && it != fs::recursive_directory_iterator(); it.increment(failure)) {
        // A link could lead out of the folder.
        if (it->is_symlink(failure) || !it->is_regular_file(failure)) continue;
        auto bytes = read(it->path());
        if (!bytes) return fail(errc::not_configured, "cannot read " + it->path().string());
        total += bytes->size();
        if (total > most_bytes) return fail(errc::not_configured, folder.string() + ": more than 64 MiB");
        found.emplace(it->path().lexically_relative(folder).generic_string(), std::move(*bytes));
    }
    if (failure) return fail(errc::not_configured, folder.string() + ": " + failure.message());

    const auto beside = [&](const std::string& name) -> std::optional<encoded> {
        const auto other = found.find(name);
        if (other == found.end()) return std::nullopt;
        return encoded{other->second, etag_of(other->second)};
    };
    const std::shared_ptr<static_files> files(new static_files);
    for (const auto& [name, bytes] : found) {
        const fs::path path(name);
        const bool is_variant =
            (path.extension() == ".gz" || path.extension() == ".br") && found.contains(name.substr(0, name.size() - 3));
        if (is_variant) continue;
        file made;
        made.plain = {bytes, etag_of(bytes)};
        made.content_type = content_type_of(path);
        made.immutable = path.parent_path().filename() == "assets";
        made.brotli = beside(name + ".br");
        made.gzip = beside(name + ".gz");
        if (!made.gzip && shrinks(made.content_type))
            if (auto compressed = gzipped(bytes)) {
                auto etag = etag_of(*compressed);
                made.gzip = encoded{std::move(*compressed), std::move(etag)};
            }
        files->impl_->files.emplace(name, std::move(made));
    }
    for (auto& [name, page] : files->impl_->files)
        if (!language_in(name).empty()) {
            page.in_languages = true;
            const auto stem = name.substr(0, name.rfind('.', name.rfind('.') - 1));
            if (const auto plain = files->impl_->files.find(stem + ".html"); plain != files->impl_->files.end())
                plain->second.in_languages = true;
        }
    return files;
}

void static_files::add_routes(router& routes, std::shared_ptr<const static_files> files, site layout)
{
    std::vector<std::string> pages;
    for (const auto& each : layout.pages)
        if (each.path != "/") pages.push_back(each.path);
    const auto find = [files, layout = std::move(layout)](const request& req) -> const file* {
        const auto& path = req.path;
        for (const auto& [below, folder] : layout.folders)
            if (path.starts_with(below))
                if (const auto* const exact = files->impl_->named(folder + path.substr(below.size()))) return exact;
        if (path.find('.', path.rfind('/')) != std::string::npos ||
            std::ranges::any_of(layout.no_pages, [&](const auto& each) { return path.starts_with(each); }))
            return nullptr;
        for (const auto& [below, page] : layout.pages)
            if (path == below || path.starts_with(below.ends_with('/') ? below : below + "/"))
                return files->impl_->page(page, layout.language, req);
        return nullptr;
    };
    const auto serve = [find](request& req) -> task<response> {
        const auto* found = find(req);
        if (!found) co_return problem(error{errc::not_found, "no such file", {}});
        co_return reply_with(*found, req);
    };
    // By name: another method of such a path may be somebody else's.
    for (const auto& each : pages)
        routes.get(each, domain::permission::none_needed, serve);
    routes.get("/", domain::permission::none_needed, serve);
    routes.get("/{file...}", domain::permission::none_needed, serve);
}

} // namespace huiyin::net
