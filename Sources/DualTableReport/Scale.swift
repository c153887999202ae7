/// The values of an axis and where its ticks stand: at round values, few enough to be read. A pure value.
struct Scale: Sendable, Equatable {
  struct Tick: Sendable, Equatable {
    let value: Double
    let label: String
  }

  /// Where the axis ends; it begins at zero.
  let top: Double
  /// From zero on.
  let ticks: [Tick]
  /// What the labels are counted in, for the axis's title; empty where they say it themselves.
  let unit: String

  /// An axis of amounts up to `largest`.
  static func amounts(upTo largest: Double, ticks wanted: Int = 5) -> Scale {
    let largest = largest.isFinite && largest > 0 ? largest : 1
    let step = roundStep(largest / Double(wanted))
    let count = Int((largest / step).rounded(.up))
    return Scale(
      top: step * Double(count), ticks: (0...count).map { Tick(value: Double($0) * step, label: amount(Double($0) * step)) }, unit: "")
  }

  /// An axis of time up to `seconds`, in the unit that suits it.
  static func time(upTo seconds: Double, ticks wanted: Int = 8) -> Scale {
    let seconds = max(seconds, 1)
    let units: [(name: String, length: Double, steps: [Double])] = [
      ("seconds", 1, [1, 2, 5, 10, 15, 30]), ("minutes", 60, [1, 2, 5, 10, 15, 30]), ("hours", 3_600, [1, 2, 3, 6, 12]),
      ("days", 86_400, [1, 2, 5, 10, 20, 50, 100, 200, 500]),
    ]
    for unit in units {
      for step in unit.steps where seconds / (step * unit.length) <= Double(wanted) || (unit.name == "days" && step == 500) {
        let count = Int(seconds / (step * unit.length))
        return Scale(
          top: seconds,
          ticks: (0...count).map { Tick(value: Double($0) * step * unit.length, label: amount(Double($0) * step)) }, unit: unit.name)
      }
    }
    preconditionFailure("days always do")
  }

  /// 1, 2 or 5 times a power of ten, at or above `least`.
  private static func roundStep(_ least: Double) -> Double {
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    for factor in [1.0, 2, 5, 10] where factor * power >= least * 0.999_999 { return factor * power }
    return power * 10
  }

  /// `0.25`, `12`, `1,500`, `20k`, `1.5M`.
  static func amount(_ value: Double) -> String {
    switch value {
    case 1_000_000...: trimmed(value / 1_000_000, places: 2) + "M"
    case 10_000...: trimmed(value / 1_000, places: 1) + "k"
    default: trimmed(value, places: value < 1 ? 4 : 2)
    }
  }

  private static func trimmed(_ value: Double, places: Int) -> String {
    var text = Figures.decimal(value, places: places)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
