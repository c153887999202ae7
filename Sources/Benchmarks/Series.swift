/// Repeated measurements of one thing.
struct Series {
  private(set) var values: [Double] = []

  mutating func append(_ value: Double) { values.append(value) }

  var median: Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + (sorted.count > middle ? sorted[middle] : last)) / 2
  }

  var low: Double { values.min() ?? .nan }
  var high: Double { values.max() ?? .nan }

  /// This over that, measurement by measurement: neighbors in time met the same machine.
  static func / (left: Series, right: Series) -> Series {
    Series(values: zip(left.values, right.values).map(/))
  }

  init(values: [Double] = []) { self.values = values }
}
