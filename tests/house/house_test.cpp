// The rules of docs/architecture.md that a compiler does not hold.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path top = HUIYIN_SOURCE_DIR;

std::string content(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> lines(const fs::path& file)
{
    std::istringstream in(content(file));
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);)
        all.push_back(line);
    return all;
}

std::vector<fs::path> files_below(const fs::path& folder, const std::set<std::string>& endings)
{
    std::vector<fs::path> found;
    if (!fs::exists(folder)) return found;
    for (const auto& each : fs::recursive_directory_iterator(folder))
        if (each.is_regular_file() && endings.contains(each.path().extension().string())) found.push_back(each.path());
    return found;
}

struct module_row
{
    int level;
    std::set<std::string> uses;
};

std::set<std::string> words_in_backticks(const std::string& text)
{
    static const std::regex word("`([a-z]+)`");
    std::set<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), word), end; it != end; ++it)
        found.insert((*it)[1]);
    return found;
}

std::map<std::string, module_row> module_table()
{
    static const std::regex row(R"(\| (\d) \| `([a-z]+)` \| .* \| ([^|]*) \|)");
    std::map<std::string, module_row> table;
    for (const auto& line : lines(top / "docs/architecture.md"))
        if (std::smatch parts; std::regex_match(line, parts, row))
            table[parts[2]] = {std::stoi(parts[1]), words_in_backticks(parts[3])};
    return table;
}

/// The module a file belongs to: the folder below src/ or include/huiyin/.
std::string module_of(const fs::path& file)
{
    const auto relative = fs::relative(file, top);
    auto part = relative.begin();
    if (*part == "include") ++part;
    return (++part)->string();
}

TEST(House, EveryModuleUsesOnlyWhatItsRowAllows)
{
    static const std::regex include(R"(^\s*#\s*include\s*<huiyin/([a-z]+)/.*)");
    const auto table = module_table();
    ASSERT_EQ(table.size(), 23u) << "the table of docs/architecture.md";

    std::size_t seen = 0;
    for (const auto& folder : {top / "src", top / "include/huiyin"}) {
        for (const auto& file : files_below(folder, {".cpp", ".hpp"})) {
            const auto own = module_of(file);
            if (own == "third_party") continue;
            ASSERT_TRUE(table.contains(own)) << file << ": module " << own << " has no row";
            for (const auto& line : lines(file)) {
                std::smatch parts;
                if (!std::regex_match(line, parts, include) || parts[1] == own) continue;
                ++seen;
                const std::string used = parts[1];
                ASSERT_TRUE(table.contains(used)) << file << " includes " << used;
                const auto& [level, allowed] = table.at(own);
                const bool lower = table.at(used).level < level;
                EXPECT_TRUE(lower || allowed.contains(used)) << file << ": " << own << " may not use " << used;
            }
        }
    }
    EXPECT_GT(seen, 20u);
}

TEST(House, TheDomainKnowsNoOutsideWorld)
{
    static const std::regex outside(
        R"(^\s*#\s*include\s*<(boost/|nlohmann/|libpq|spdlog/|openssl/|huiyin/base/(log|metrics)).*)");
    for (const auto& folder :
         {top / "src/domain", top / "include/huiyin/domain", top / "include/huiyin/wire", top / "src/wire"})
        for (const auto& file : files_below(folder, {".cpp", ".hpp"}))
            for (const auto& line : lines(file))
                EXPECT_FALSE(std::regex_match(line, outside)) << file << ": " << line;
}

TEST(House, PublicHeadersNameNoPrivateOnes)
{
    for (const auto& file : files_below(top / "include", {".hpp"}))
        for (const auto& line : lines(file))
            EXPECT_FALSE(line.starts_with("#include \"")) << file << ": " << line;
}

TEST(House, HeavyHeadersStayInSources)
{
    static const std::regex heavy(
        R"(^\s*#\s*include\s*<(boost/beast|nlohmann/json\.hpp|spdlog/|libpq-fe|prometheus/).*)");
    for (const auto& file : files_below(top / "include", {".hpp"})) {
        if (file.filename() == "json_check.hpp")
            continue; // for readers of JSON documents, which include it in sources only
        for (const auto& line : lines(file))
            EXPECT_FALSE(std::regex_match(line, heavy)) << file << ": " << line;
    }
}

// "No SQL reads a clock": times are parameters. The journal's recorded_at and the migrator's own book are the
// exceptions.
TEST(House, NoSqlReadsAClock)
{
    static const std::regex reads_clock(
        R"((\bnow\s*\(\s*\)|current_timestamp|current_date|current_time\b|localtimestamp|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|'now'))",
        std::regex::icase);
    static const std::regex allowed(R"((recorded_at|applied_at|extract\(epoch from clock_timestamp).*)",
                                    std::regex::icase);
    const auto check = [&](const fs::path& file, const std::string& line) {
        if (std::regex_search(line, reads_clock)) {
            EXPECT_TRUE(std::regex_search(line, allowed)) << file << ": " << line;
        }
    };
    for (const auto& file : files_below(top / "migrations", {".sql"}))
        for (const auto& line : lines(file))
            check(file, line);
    // In C++ only raw strings are SQL: `clock.now()` is how times are read there.
    static const std::regex raw(R"re(R"sql\(([\s\S]*?)\)sql")re");
    for (const auto& file : files_below(top / "src", {".cpp", ".hpp"})) {
        const auto text = content(file);
        for (std::sregex_iterator it(text.begin(), text.end(), raw), end; it != end; ++it)
            check(file, (*it)[1]);
    }
}

TEST(House, SqlStandsInStoresAndInThePgModuleOnly)
{
    static const std::regex sql(R"re((R"sql\()|("\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s))re");
    for (const auto& file : files_below(top / "src", {".cpp", ".hpp"})) {
        const auto name = file.stem().string();
        if (module_of(file) == "pg" || name.ends_with("_store")) continue;
        EXPECT_FALSE(std::regex_search(content(file), sql)) << file << " holds SQL";
    }
}

TEST(House, StatementNamesAreUnique)
{
    static const std::regex statement(R"re(\bstatement\s+\w+\s*\{\s*"([^"]+)")re");
    std::map<std::string, fs::path> seen;
    for (const auto& file : files_below(top / "src", {".cpp", ".hpp"})) {
        const auto text = content(file);
        for (std::sregex_iterator it(text.begin(), text.end(), statement), end; it != end; ++it) {
            const auto [place, fresh] = seen.emplace((*it)[1], file);
            EXPECT_TRUE(fresh) << (*it)[1] << " in " << file << " and " << place->second;
        }
    }
}

TEST(House, MigrationsAreNumberedWithoutGaps)
{
    std::set<int> numbers;
    for (const auto& file : files_below(top / "migrations", {".sql"}))
        EXPECT_TRUE(numbers.insert(std::stoi(file.filename().string().substr(0, 4))).second) << file;
    int expected = 0;
    for (const auto number : numbers)
        EXPECT_EQ(number, ++expected);
}

TEST(House, TheDescriptionOfTheApiNamesEachCodeOfAProblem)
{
    const auto matches = [](const std::string& text, const std::regex& pattern) {
        std::set<std::string> found;
        for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
            found.insert((*it)[1]);
        return found;
    };
    const auto api = content(top / "docs/openapi.yaml");
    const std::string head = "    ProblemCode:\n      type: string\n      enum: [";
    const auto begin = api.find(head);
    ASSERT_NE(begin, std::string::npos);
    const auto list = api.substr(begin + head.size(), api.find(']', begin) - begin - head.size());
    const auto named = matches(list, std::regex("([a-z0-9-]+)"));
    EXPECT_EQ(named, matches(content(top / "src/base/error.cpp"), std::regex("return \"([a-z0-9-]+)\";")));
    for (const auto& codes : matches(api, std::regex(R"(x-problem-codes: \[([^\]]*)\])")))
        for (const auto& code : matches(codes, std::regex("([a-z0-9-]+)")))
            EXPECT_TRUE(named.contains(code)) << code;
}

TEST(House, EveryModuleHasItsPage)
{
    for (const auto& each : fs::directory_iterator(top / "src"))
        if (each.is_directory() && each.path().filename() != "third_party" &&
            fs::exists(each.path() / "CMakeLists.txt"))
            EXPECT_TRUE(fs::exists(each.path() / "README.md")) << each.path();
}

} // namespace
