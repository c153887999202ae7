package import DynamoDBModel

/// An update expression of a request, read and checked as the service does.
package struct UpdateExpression: Sendable, Hashable {
  /// What a SET assigns.
  package indirect enum Value: Sendable, Hashable {
    case path(DocumentPath)
    case value(ExpressionValue)
    case sum(Value, Value)
    case difference(Value, Value)
    case ifNotExists(DocumentPath, Value)
    case listAppend(Value, Value)
  }

  /// One action of SET.
  package struct Assignment: Sendable, Hashable {
    package let path: DocumentPath
    package let value: Value
  }

  /// One action of ADD or DELETE.
  package struct Change: Sendable, Hashable {
    package let path: DocumentPath
    package let value: ExpressionValue
  }

  package internal(set) var sets: [Assignment] = []
  package internal(set) var removes: [DocumentPath] = []
  package internal(set) var adds: [Change] = []
  package internal(set) var deletes: [Change] = []
  /// Operators in it; the service takes 300.
  package internal(set) var operatorCount = 0

  /// The update that changes nothing; not to be sent as it is.
  package init() {}

  /// Reads one of the expressions of a request.
  ///
  /// - Parameter attributes: the request's names and values; those that the expression uses are marked.
  package init(_ text: String, _ attributes: inout ExpressionAttributes) throws(ExpressionError) {
    var parser = try ExpressionParser(text, .update, attributes)
    self = try parser.update()
    operatorCount = parser.operatorCount
    attributes = parser.attributes
  }

  /// Reads the only expression of a request.
  ///
  /// - Throws: also if a name or value isn't used.
  package init(parsing text: String, names: [String: String]? = nil, values: AttributeMap? = nil) throws(ExpressionError) {
    var attributes = try ExpressionAttributes(names: names, values: values)
    self = try UpdateExpression(text, &attributes)
    try attributes.checkAllUsed()
  }

  /// The same update, which also removes a root attribute that it doesn't name otherwise.
  package func removing(_ root: String) -> UpdateExpression {
    var update = self
    update.removes.append(DocumentPath(root: root))
    return update
  }

  /// Judges the update of an item of a table with this key.
  ///
  /// - Throws: `keyAttribute` if it writes an attribute of the key.
  package func checkTargets(of schema: KeySchema) throws(ExpressionError) {
    for path in targets where schema.attributes.contains(where: { UTF8Text.equal($0.name, path.root) }) {
      throw ExpressionError(
        .keyAttribute,
        "One or more parameter values were invalid: Cannot update attribute \(path.root). This attribute is part of the key")
    }
  }

  /// Where it writes.
  package var targets: [DocumentPath] { sets.map(\.path) + removes + adds.map(\.path) + deletes.map(\.path) }

  /// Every path in it, those it only reads included.
  package var paths: [DocumentPath] { targets + sets.flatMap(\.value.paths) }

  /// True if what it leaves behind depends on what it found, so that sent twice it may count twice.
  ///
  /// ADD and DELETE do, SET from a path, and so do writes to list elements: a SET beyond the end appends, a REMOVE moves the rest. SETs
  /// of the request's values and REMOVEs of attributes or map members don't: however often they land, they leave the same behind.
  package var readsAttributes: Bool {
    !adds.isEmpty || !deletes.isEmpty || sets.contains { !$0.value.paths.isEmpty || $0.path.endsInList }
      || removes.contains(where: \.endsInList)
  }
}

extension UpdateExpression.Value {
  /// The paths it reads.
  package var paths: [DocumentPath] {
    switch self {
    case .path(let path): [path]
    case .value: []
    case .sum(let left, let right), .difference(let left, let right), .listAppend(let left, let right): left.paths + right.paths
    case .ifNotExists(let path, let value): [path] + value.paths
    }
  }
}

extension DocumentPath {
  /// True for an element of a list.
  internal var endsInList: Bool { if case .index = elements.last { true } else { false } }
}
