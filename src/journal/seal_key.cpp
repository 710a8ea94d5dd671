#include <huiyin/base/crypto.hpp>
#include <huiyin/journal/sealer.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace huiyin::journal {

namespace {

struct descriptor
{
    explicit descriptor(int number) : fd(number) {}
    ~descriptor()
    {
        if (fd >= 0) ::close(fd);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int fd;
};

std::unexpected<error> refused(const std::filesystem::path& file, const char* what)
{
    return fail(errc::not_configured, "seal key " + file.string() + ": " + what);
}

bool sync_folder(const std::filesystem::path& folder)
{
    const descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened.fd >= 0 && ::fsync(opened.fd) == 0;
}

/// Written beside its place and linked into it, so that nobody ever reads half a key and of two makers one wins.
result<void> make(const std::filesystem::path& file)
{
    auto draft = file.string() + ".XXXXXX";
    const descriptor out(::mkostemp(draft.data(), O_CLOEXEC)); // mode 0600
    if (out.fd < 0) return refused(file, std::strerror(errno));
    const auto key = random_bytes(seal_key{}.size());
    const bool written =
        ::write(out.fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(out.fd) == 0;
    const bool linked = written && (::link(draft.c_str(), file.c_str()) == 0 || errno == EEXIST);
    const int reason = errno;
    ::unlink(draft.c_str());
    if (!linked) return refused(file, std::strerror(reason));
    const auto folder = file.parent_path();
    if (!sync_folder(folder.empty() ? "." : folder)) return refused(file, std::strerror(errno));
    return {};
}

} // namespace

result<seal_key> load_seal_key(const std::filesystem::path& file, missing_key when_missing)
{
    for (bool made = false;; made = true) {
        const descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (in.fd < 0) {
            if (errno != ENOENT || when_missing == missing_key::refuse || made)
                return refused(file, std::strerror(errno));
            if (auto done = make(file); !done) return fail(done.error());
            continue;
        }
        struct stat status{};
        if (::fstat(in.fd, &status) != 0) return refused(file, std::strerror(errno));
        if (!S_ISREG(status.st_mode)) return refused(file, "not a file");
        if ((status.st_mode & 077) != 0) return refused(file, "others may read it; its mode must be 0600");
        // One byte more than a key shows a file that is too long.
        std::array<std::uint8_t, seal_key{}.size() + 1> bytes{};
        const auto got = ::read(in.fd, bytes.data(), bytes.size());
        if (got < 0) return refused(file, std::strerror(errno));
        seal_key key{};
        if (static_cast<std::size_t>(got) != key.size())
            return fail(errc::corrupt, "seal key " + file.string() + ": not 32 bytes");
        std::copy_n(bytes.begin(), key.size(), key.begin());
        return key;
    }
}

} // namespace huiyin::journal
