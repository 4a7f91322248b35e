// SPDX-License-Identifier: Apache-2.0
// simdjson FILE ROUNDS: the messages of a file, a line each, by simdjson's on-demand interface: symbol, time, and the texts of price and
// volume, as `finnhub_bench read` does it. Prints what it found, then: simdjson, milliseconds (best), milliseconds (median).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <simdjson.h>
#include <string>
#include <vector>

using namespace simdjson;

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    std::ifstream file(argv[1]);
    std::vector<padded_string> messages;
    for (std::string line; std::getline(file, line);)
        messages.emplace_back(line);
    ondemand::parser parser;
    std::vector<double> times;
    uint64_t trades = 0, milliseconds = 0, bytes = 0, digits = 0;
    for (int round = 0; round < atoi(argv[2]); round++) {
        const auto begun = std::chrono::steady_clock::now();
        trades = milliseconds = bytes = 0;
        for (auto &text : messages) {
            ondemand::document message = parser.iterate(text);
            for (ondemand::object trade : message["data"].get_array()) {
                trades++;
                for (auto field : trade) {
                    const std::string_view name = field.unescaped_key();
                    if (name == "s")
                        bytes += std::string_view(field.value()).size();
                    else if (name == "t")
                        milliseconds += uint64_t(field.value());
                    else if (name == "p" || name == "v")
                        digits += std::string_view(field.value().raw_json_token()).size();
                }
            }
        }
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    }
    std::sort(times.begin(), times.end());
    std::printf("found\t%llu\t%llu\t%llu\nsimdjson\t%.3f\t%.3f\n", (unsigned long long)trades, (unsigned long long)milliseconds,
                (unsigned long long)bytes, times[0], times[times.size() / 2]);
    return digits == 0;
}
