// Starts a cluster in the folder given, says the postmaster's pid and waits to be killed: for cluster_test.
#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/pg/cluster.hpp>

#include <cstdio>
#include <unistd.h>

int main(int count, char** words)
{
    if (count != 2 || !huiyin::start_crypto()) return 2;
    huiyin::log::start(huiyin::log::level::error, huiyin::log::format::text);
    huiyin::pg::cluster_settings settings;
    settings.folder = words[1];
    settings.durable = false;
    const auto started = huiyin::pg::cluster::start(settings);
    if (!started) {
        std::fprintf(stderr, "%s\n", started.error().detail.c_str());
        return 1;
    }
    std::printf("%d\n", (*started)->postmaster_pid());
    std::fflush(stdout);
    for (;;)
        pause();
}
