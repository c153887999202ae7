/// Where a state directory is: at a path that the user named, or in a part of what is there.
package struct StatePath: Sendable, Equatable, CustomStringConvertible {
  /// The directory that the user named, each part within the one before, and last the state directory itself.
  let levels: [String]

  /// - Parameter named: by the user, or by default.
  package init(_ named: String) { levels = [named] }

  private init(levels: [String]) { self.levels = levels }

  /// The directory `name` within this one.
  package func part(_ name: String) -> StatePath { StatePath(levels: levels + ["\(path)/\(name)"]) }

  package var path: String { levels[levels.count - 1] }
  package var description: String { path }
}
