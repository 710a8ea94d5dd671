# Writes OUTPUT, a C++ source that holds the migration files FILES (separated by |) as raw strings.
cmake_policy(VERSION 3.25)
set(entries "")
set(numbers "")
string(REPLACE "|" ";" files "${FILES}")
list(SORT files)
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
        message(FATAL_ERROR "${name}: a migration is named like 0001_journal.sql")
    endif()
    set(digits "${CMAKE_MATCH_1}")
    if(digits IN_LIST numbers)
        message(FATAL_ERROR "two migrations have the number ${digits}")
    endif()
    list(APPEND numbers "${digits}")
    string(REGEX REPLACE "^0+" "" number "${digits}")
    file(READ "${file}" sql)
    string(APPEND entries "        {${number}, \"${name}\", R\"HUIYIN_SQL(${sql})HUIYIN_SQL\"},\n")
endforeach()

file(WRITE "${OUTPUT}" "// Generated from migrations/; not to be edited.
#include <huiyin/pg/migrator.hpp>

#pragma clang diagnostic ignored \"-Woverlength-strings\"

namespace huiyin::pg {

const std::vector<migration>& shipped_migrations()
{
    static const std::vector<migration> all{
${entries}    };
    return all;
}

} // namespace huiyin::pg
")
