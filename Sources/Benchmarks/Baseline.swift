internal import DynamoDBModel
internal import Glibc

/// Figures of an earlier run, by which a change for the worse is seen.
///
/// Only ratios are compared: absolute figures say more about the machine than about the kit.
struct Baseline {
  /// What a ratio may move without a word, however narrow its spread is.
  static let tolerance = 0.05

  /// The file that lies beside the sources.
  static var storedFile: String { #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Baseline.json" }

  private var figures: [(name: String, series: Series)] = []

  /// Reads what `--json` printed.
  init(file: String) throws(Failure) {
    guard let bytes = Self.contents(of: file) else { throw Failure("there is no baseline at \(file): make one with --json > \(file)") }
    try self.init(json: bytes, called: file)
  }

  init(json: [UInt8], called file: String) throws(Failure) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: json.span)
    } catch {
      throw Failure("\(file) is not JSON: \(error)")
    }
    guard case .object(let members) = value, case .array(let rows)? = members.first(where: { $0.name == "figures" })?.value else {
      throw Failure("\(file) holds no figures as --json prints them")
    }
    for case .object(let row) in rows {
      guard case .string(let name)? = row.first(where: { $0.name == "name" })?.value,
        case .array(let values)? = row.first(where: { $0.name == "values" })?.value
      else { throw Failure("\(file) has a figure without name or values") }
      let numbers = values.compactMap { if case .number(let text) = $0 { Double(text) } else { nil } }
      figures.append((name, Series(values: numbers)))
    }
  }

  /// How a figure stands to its value then.
  struct Change {
    let figure: Figure
    let then: Series

    /// More than 1 where it got better by so many times, less where it got worse.
    var gain: Double {
      let ratio = figure.series.median / then.median
      return figure.isBetterLow ? 1 / ratio : ratio
    }

    /// Whether it is worse by more than the tolerance, and by more than the runs differ among themselves.
    var isWorse: Bool {
      gain < 1 - Baseline.tolerance && (figure.isBetterLow ? figure.series.low > then.high : figure.series.high < then.low)
    }

    var line: String {
      let ratio = Figure.Unit.ratio
      let spread = "\(ratio.text(then.low)) … \(ratio.text(then.high))"
      let columns = [
        padded("\(figure.name)", 44), padded(ratio.text(then.median), 10, right: true), padded(spread, 20, right: true),
        padded(ratio.text(figure.series.median), 10, right: true),
      ]
      let percent = (gain - 1) * 100
      return columns.joined(separator: "  ") + "  \(percent < 0 ? "" : "+")\(decimals(percent, 1)) %" + (isWorse ? "  worse" : "")
    }
  }

  /// The ratios that both runs have.
  func changes(_ now: [Figure]) -> [Change] {
    now.filter { $0.unit == .ratio }.compactMap { figure in
      figures.first { $0.name == figure.name }.map { Change(figure: figure, then: $0.series) }
    }
  }

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }
}
