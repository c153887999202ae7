import DynamoDBModel

extension StepForm {
  /// The value that the step made `value` of; nil if it makes `value` of none, or of several.
  func undo(_ value: AttributeValue) -> AttributeValue? {
    switch self {
    case .convert(let conversion): conversion.inverse.flatMap { try? $0.convert(value) }
    case .lookup(let table): table.isInvertible ? table.origin(of: value) : nil
    case .parse, .eachBlock, .eachValue: nil
    }
  }

  /// True if every value that the step makes leads back to the one that it was.
  var isInvertible: Bool {
    switch self {
    case .convert(let conversion): conversion.inverse != nil
    case .lookup(let table): table.isInvertible
    case .parse, .eachBlock, .eachValue: false
    }
  }
}

extension LookupForm {
  var isInvertible: Bool { otherwise == .error && isInjective }
}

extension Template {
  /// The text with `values` in its holes.
  func filled(_ values: [String]) -> String {
    var rest = values[...]
    return pieces.reduce(into: "") { text, piece in
      switch piece {
      case .literal(let literal): text += literal
      case .hole: text += rest.popFirst() ?? ""
      }
    }
  }
}
