/// Keeps the number of a label's values bounded: the first so many names stand for themselves, all later ones for `other`.
///
/// Metrics stores keep a series a label for good, so a service that makes a table a tenant must not drown its own.
package struct BoundedLabels: Sendable {
  /// What stands for every name beyond the limit.
  package static let other = "other"

  private let limit: Int
  private var known: Set<String> = []

  package init(limit: Int) { self.limit = limit }

  /// The label that stands for `name`.
  package mutating func label(for name: String) -> String {
    if known.contains(name) { return name }
    guard known.count < limit else { return Self.other }
    known.insert(name)
    return name
  }
}
