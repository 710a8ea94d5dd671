# Every outside part, found once. Debian 12 packages; scripts/deps installs them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core) # ships no version file: a version here would be refused
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)

find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(gmime REQUIRED IMPORTED_TARGET gmime-3.0)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)

# libphonenumber has neither a CMake file nor a pkg-config file in Debian.
find_package(Protobuf REQUIRED)
find_library(HUIYIN_PHONENUMBER phonenumber REQUIRED)
add_library(huiyin_phonenumber INTERFACE)
target_link_libraries(huiyin_phonenumber INTERFACE ${HUIYIN_PHONENUMBER} protobuf::libprotobuf)

# The only place for macros and -pthread: a unit compiled without one of them breaks Asio at run time.
add_library(huiyin_flags INTERFACE)
target_compile_definitions(huiyin_flags INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    JSON_USE_IMPLICIT_CONVERSIONS=0)
target_compile_options(huiyin_flags INTERFACE -pthread)
target_include_directories(huiyin_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(huiyin_flags INTERFACE
    Boost::headers Threads::Threads spdlog::spdlog fmt::fmt nlohmann_json::nlohmann_json date::date date::date-tz)
if(HUIYIN_SANITIZE)
    target_compile_options(huiyin_flags INTERFACE -fsanitize=${HUIYIN_SANITIZE} -fno-sanitize-recover=undefined)
    target_link_options(huiyin_flags INTERFACE -fsanitize=${HUIYIN_SANITIZE})
endif()

# Warnings are for our own code only.
add_library(huiyin_warnings INTERFACE)
target_compile_options(huiyin_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wno-missing-designated-field-initializers
    $<$<BOOL:${HUIYIN_WERROR}>:-Werror>)
