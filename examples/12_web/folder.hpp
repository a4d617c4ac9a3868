// Which file a path of a web page means: one in the folder, or none. Knows no socket.
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

// Of a path that stays in the folder, also by its links; nothing that is hidden, no drive and no
// stream of Windows.
inline std::optional<std::filesystem::path> file_in(const std::filesystem::path& folder,
                                                    const std::string& wanted) {
    namespace fs = std::filesystem;
    fs::path path = folder;
    for (const fs::path& part : fs::u8path(wanted).relative_path()) {
        const std::string name = part.u8string();
        if (name.empty()) continue;
        if (name.front() == '.' || name.find_first_of("\\:") != std::string::npos)
            return std::nullopt;
        path /= part;
    }
    std::error_code none;
    path = fs::canonical(path, none);
    if (none) return std::nullopt;
    const auto apart = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    if (apart.first != folder.end()) return std::nullopt;
    if (!fs::is_directory(path) && !fs::is_regular_file(path)) return std::nullopt;
    return path;
}
