import Glibc
import Testing

/// The tree these tests were compiled from.
enum Repository {
  /// Its top, three folders above this file.
  static let top = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

  /// The names in a folder, sorted.
  static func names(in folder: String) throws -> [String] {
    let stream = unsafe try #require(unsafe opendir("\(top)/\(folder)"), "\(folder) can't be read")
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      names.append(unsafe withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: unsafe $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  /// The paths of all files below a folder, sorted; dot files left out.
  static func files(below folder: String) throws -> [String] {
    try names(in: folder).filter { !$0.hasPrefix(".") }.flatMap { name in
      let path = "\(folder)/\(name)"
      var information = stat()
      try #require(unsafe stat("\(top)/\(path)", &information) == 0, "\(path) can't be read")
      return information.st_mode & S_IFMT == S_IFDIR ? try files(below: path) : [path]
    }
  }

  static func text(of path: String) throws -> String {
    let file = unsafe try #require(unsafe fopen("\(top)/\(path)", "r"), "\(path) can't be read")
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// True for what `.gitignore` names by file name.
  static func isIgnored(_ name: String) throws -> Bool {
    try text(of: ".gitignore").split(separator: "\n").contains { unsafe fnmatch(String($0), name, 0) == 0 }
  }
}
