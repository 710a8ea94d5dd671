#include "demo.hpp"

#include "files.hpp"
#include "toolbox.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/upkeep/pack_apply.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace huiyin::daemon {

namespace {

constexpr const char* password_file = "demo-password";

/// Made once, readable by us alone.
result<std::string> demo_password(home& at)
{
    const auto file = at.state() / password_file;
    if (auto known = read_file(file); known && !known->empty()) return known;
    auto made = random_token(9);
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && write(fd, made.data(), made.size()) == static_cast<ssize_t>(made.size());
    if (fd >= 0) close(fd);
    if (!written) return fail(errc::not_configured, "cannot write " + file.string());
    return made;
}

task<result<upkeep::pack_outcome>> apply_demo(people::people_service& people,
                                              people::configuration_store& configuration, upkeep::pack_application what)
{
    const auto current = co_await configuration.find_current_pack();
    if (!current) co_return fail(current.error());
    if (*current) co_return upkeep::pack_outcome{(*current)->version, true, 0, 0};
    co_return co_await upkeep::apply_pack(people, configuration, std::move(what), domain::actor::system());
}

task<bool> close(pg::database& db)
{
    co_await db.close();
    co_return true;
}

} // namespace

result<void> fill_with_demo(home& at, const config&, const std::filesystem::path& pack)
{
    upkeep::pack_application what;
    auto document = read_file(pack);
    if (!document) return fail(std::move(document.error()));
    what.document = std::move(*document);
    auto calendars = read_calendars(pack.parent_path().parent_path() / "calendars");
    if (!calendars) return fail(std::move(calendars.error()));
    what.calendar_years = std::move(*calendars);
    auto password = demo_password(at);
    if (!password) return fail(std::move(password.error()));
    what.demo_password = std::move(*password);

    asio::io_context context(1);
    metrics::registry metrics;
    const huiyin::system_clock time;
    blocking_pool pool(2, 64);
    people::rights_epoch rights;
    pg::database db(context.get_executor(), at.app(), metrics);
    people::people_service people(db, time, pool, rights);
    people::configuration_store configuration(db, time);
    const auto applied = run_offline(context, apply_demo(people, configuration, std::move(what)));
    run_offline(context, close(db));
    if (!applied) return fail(applied.error());
    return {};
}

void print_demo_logins(home& at, const std::string& address)
{
    const auto password = read_file(at.state() / password_file);
    if (!password) return;
    fmt::print("demo log-ins, all with password {}:\n", *password);
    const struct
    {
        const char* login;
        const char* who;
    } people[] = {
        {"admin", "administrator"},
        {"chen.jing", "agent"},
        {"zhao.min", "complaint officer"},
        {"wang.qiang", "department handler, Station East"},
        {"zhang.wei", "department leader, Station East"},
        {"ma.chao", "department handler, main station"},
        {"guo.jun", "department leader, main station"},
        {"qian.li", "supervisor"},
        {"cao.yu", "quality"},
        {"shen.yi", "auditor"},
    };
    for (const auto& each : people)
        fmt::print("  {:<12} {}\n", each.login, each.who);
    fmt::print("what customers see: {}/complain\n", address);
    fmt::print(
        "a complaint:\n"
        "  curl -s -X POST -H 'Content-Type: application/json' -d '{{\"contact\":{{\"name\":\"王小明\",\"phone\":"
        "\"13812345678\"}},\"category\":\"missed_copy\",\"problem\":\"今天的报纸没有收到\"}}' "
        "{}/public/v1/complaints\n",
        address);
}

} // namespace huiyin::daemon
