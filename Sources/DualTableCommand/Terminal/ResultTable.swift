internal import DynamoDBModel
internal import Glibc

/// A command's result: figures in order, as a table for people or one JSON object for machines.
struct ResultTable: Sendable {
  enum Value: Sendable, Equatable {
    case count(Int)
    case decimal(Double)
    case flag(Bool)
    /// Several counts under one name, in order of theirs.
    case counts([String: Int])
  }

  /// JSON's names, in order.
  let rows: [(name: String, value: Value)]

  /// One object, on one line.
  var json: String {
    JSONValue.object(
      rows.map { row in
        switch row.value {
        case .count(let value): .init(row.name, .number(String(value)))
        case .decimal(let value): .init(row.name, .number(Figures.decimal(value, places: 3)))
        case .flag(let value): .init(row.name, .bool(value))
        case .counts(let values):
          .init(row.name, .object(values.sorted { $0.key < $1.key }.map { .init($0.key, .number(String($0.value))) }))
        }
      }
    ).text
  }

  /// A line a figure, numbers right-aligned; flags are told by the exit status.
  var text: String {
    let shown = rows.flatMap { row -> [(String, String)] in
      switch row.value {
      case .count(let value): [(row.name, Figures.count(value))]
      case .decimal(let value): [(row.name, Figures.decimal(value, places: 1))]
      case .flag: []
      case .counts(let values): values.sorted { $0.key < $1.key }.map { ("  \($0.key)", Figures.count($0.value)) }
      }
    }
    let names = shown.map(\.0.count).max() ?? 0
    let values = shown.map(\.1.count).max() ?? 0
    return shown.map { name, value in
      "  \(name)\(String(repeating: " ", count: names - name.count + 2 + values - value.count))\(value)"
    }.joined(separator: "\n")
  }

  /// The most memory that this process has held at once, in bytes.
  static var peakMemoryBytes: Int {
    // What getrusage says is at least the size of whoever started this process: the kernel counts from before the program was loaded.
    let status = String(decoding: (try? Surroundings.readFile("/proc/self/status")) ?? [], as: UTF8.self)
    if let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(separator: " ").dropLast().last?.split(separator: "\t").last.flatMap({ Int($0) })
    {
      return kilobytes * 1_024
    }
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) * 1_024
  }
}
