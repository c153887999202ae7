package import DynamoDBModel

/// A projection expression of a request: which parts of an item to hand out.
package struct ProjectionExpression: Sendable, Hashable {
  /// The paths to hand out; none lies in another.
  package let paths: [DocumentPath]

  /// A projection to these paths.
  package init(paths: [DocumentPath]) { self.paths = paths }

  /// Reads one of the expressions of a request.
  ///
  /// - Parameter attributes: the request's names; those that the expression uses are marked.
  package init(_ text: String, _ attributes: inout ExpressionAttributes) throws(ExpressionError) {
    var parser = try ExpressionParser(text, .projection, attributes)
    paths = try parser.projection()
    attributes = parser.attributes
  }

  /// Reads the only expression of a request.
  ///
  /// - Throws: also if a name isn't used.
  package init(parsing text: String, names: [String: String]? = nil) throws(ExpressionError) {
    var attributes = try ExpressionAttributes(names: names, values: nil)
    self = try ProjectionExpression(text, &attributes)
    try attributes.checkAllUsed()
  }

  /// The same projection, which also hands out these root attributes whole.
  package func including(_ roots: [String]) -> ProjectionExpression {
    let added = roots.map { DocumentPath(root: $0) }
    return ProjectionExpression(paths: paths.filter { path in !added.contains { $0.root == path.root } } + added)
  }

  /// The parts of `item` that the paths lead to; list elements move together, and what has no such part is left out.
  package func project(_ item: Item) -> Item {
    Self.project(.map(item), paths.map { $0.elements[...] })?.mapValue ?? Item()
  }

  private static func project(_ value: AttributeValue, _ paths: [ArraySlice<DocumentPath.Element>]) -> AttributeValue? {
    if paths.contains(where: \.isEmpty) { return value }
    switch value {
    case .map(let map):
      var part = AttributeMap()
      for (name, member) in map {
        let inside = paths.filter { $0.first == .attribute(DocumentPath.AttributeName(name)) }
        if !inside.isEmpty { part[name] = project(member, inside.map { $0.dropFirst() }) }
      }
      return part.isEmpty ? nil : .map(part)
    case .list(let list):
      let part = list.enumerated().compactMap { index, element -> AttributeValue? in
        let inside = paths.filter { $0.first == .index(index) }
        return inside.isEmpty ? nil : project(element, inside.map { $0.dropFirst() })
      }
      return part.isEmpty ? nil : .list(part)
    default: return nil
    }
  }
}

extension ExpressionParser {
  /// The whole text as a projection.
  internal mutating func projection() throws(ExpressionError) -> [DocumentPath] {
    var paths: [DocumentPath] = []
    repeat {
      let path = try path()
      check(path, against: paths)
      paths.append(path)
    } while tokens.skip(.comma)
    guard tokens.current.kind == .end else { throw tokens.syntaxError() }
    try throwFinding()
    return paths
  }
}
