/// Repeated measurements of one thing.
struct Series {
  private(set) var values: [Double] = []

  mutating func append(_ value: Double) { values.append(value) }

  var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return .nan }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// At least half of the measurements lie between `low` and `high`: what a busy moment did to one of them shows in neither.
  var low: Double { quarter { $0 } }
  var high: Double { quarter { values.count - 1 - $0 } }

  private func quarter(_ place: (Int) -> Int) -> Double {
    values.isEmpty ? .nan : values.sorted()[place(values.count / 4)]
  }

  /// This over that, measurement by measurement: neighbors in time met the same machine.
  static func / (left: Series, right: Series) -> Series {
    Series(values: zip(left.values, right.values).map(/))
  }

  init(values: [Double] = []) { self.values = values }
}
