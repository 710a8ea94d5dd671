#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/log.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace huiyin::daemon {

/// What config/huiyin.toml says, checked; the file documents each key with unit and bounds.
struct config
{
    bool unsafe_test_settings = false;

    struct
    {
        std::string time_zone = "Asia/Shanghai";
        std::string phone_region = "CN";
    } center;

    struct
    {
        std::string address = "127.0.0.1";
        std::int64_t port = 8080;
        std::string public_url;
        std::int64_t connections = 10'000;
        std::int64_t requests_in_flight = 4'096;
        std::int64_t header_within_s = 10;
        std::int64_t idle_within_s = 10;
        std::int64_t body_within_s = 60;
        std::int64_t stop_within_s = 15;
        std::vector<std::string> trusted_proxies;
        std::vector<std::string> allowed_origins;
    } server;

    struct
    {
        std::string certificate;
        std::string key;
        std::string min_version = "1.2";
    } tls;

    struct
    {
        std::int64_t per_address_per_minute = 6'000;
        std::int64_t per_account_per_minute = 6'000;
        std::int64_t complaints_per_address_per_minute = 60;
        std::int64_t tracking_per_address_per_minute = 30;
    } limits;

    struct
    {
        std::int64_t count = 0;
        std::int64_t blocking_threads = 2;
        std::int64_t blocking_queue = 256;
    } reactors;

    struct
    {
        std::string url;
        std::string owner_url;
        std::string app_role = "huiyin_app";
        std::string schema = "huiyin";
        std::int64_t connections = 6;
        std::int64_t waiting = 4'096;
        bool durable = true;
    } database;

    struct
    {
        std::string seal_key = "seal.key";
    } journal;

    struct
    {
        std::int64_t idle_minutes = 30;
        std::int64_t absolute_hours = 12;
    } sessions;

    struct
    {
        std::int64_t queue = 5'000;
        std::int64_t batch = 500;
    } intake;

    struct
    {
        std::string secret_key = "outbox.key";
        bool private_networks = false;
        std::string trusted_certificates;
        std::int64_t send_within_s = 15;
        std::int64_t per_account = 8;
        std::int64_t in_flight = 128;
        std::int64_t attempts = 16;
        std::int64_t first_retry_s = 5;
        std::int64_t longest_retry_s = 7'200;
        std::int64_t breaker_failures = 10;
        std::int64_t breaker_pause_s = 30;
        std::int64_t backlog = 10'000;
        std::int64_t keep_days = 30;
    } outbox;

    struct
    {
        std::string folder;
    } web;

    struct
    {
        std::string level = "info";
        std::string format = "text";
    } log;

    struct
    {
        std::string intake_fault = "none";
    } test;

    bool has_tls() const { return !tls.certificate.empty(); }
    /// reactors.count, or one per core.
    std::size_t reactor_count() const;
    /// What the private PostgreSQL must allow: all reactors and duties of a daemon, a command beside it, and somebody
    /// who looks for himself.
    std::size_t private_connections() const;
    huiyin::log::level log_level() const;
    huiyin::log::format log_format() const;
};

/// One thing that is wrong with a file: "huiyin.toml:12: server.port: 70000 is above 65535".
struct config_fault
{
    std::uint32_t line = 0;
    std::string path;
    std::string reason;

    std::string text(const std::string& file) const;
};

/// Reads TOML text whole: unknown keys, wrong types and all violated bounds are found together. "file:PATH" starts
/// from `folder`, which `load_config` takes to be that of the file.
std::expected<config, std::vector<config_fault>> parse_config(std::string_view toml,
                                                              const std::filesystem::path& folder = {});
std::expected<config, std::vector<config_fault>> load_config(const std::filesystem::path& file);
/// Every key that `parse_config` knows, as "server.port", for the test that each is documented.
std::vector<std::string> known_keys();

} // namespace huiyin::daemon
