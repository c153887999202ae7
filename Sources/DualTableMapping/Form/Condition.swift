import DynamoDBModel

/// A condition on the untouched OLD item; `Place` says how a value is found: by path in the compiled form, by slot where it runs.
indirect enum Condition<Place: Sendable & Hashable>: Sendable, Hashable {
  case equals(Place, AttributeValue)
  case isIn(Place, [AttributeValue])
  case less(Place, AttributeValue)
  case greater(Place, AttributeValue)
  case exists(Place)
  case isType(Place, AttributeType)
  case matches(Place, Template)
  case all([Condition])
  case any([Condition])
  case not(Condition)

  /// The same condition with places found otherwise.
  func mapPlaces<Other>(_ place: (Place) -> Other) -> Condition<Other> {
    switch self {
    case .equals(let at, let value): .equals(place(at), value)
    case .isIn(let at, let values): .isIn(place(at), values)
    case .less(let at, let value): .less(place(at), value)
    case .greater(let at, let value): .greater(place(at), value)
    case .exists(let at): .exists(place(at))
    case .isType(let at, let type): .isType(place(at), type)
    case .matches(let at, let template): .matches(place(at), template)
    case .all(let conditions): .all(conditions.map { $0.mapPlaces(place) })
    case .any(let conditions): .any(conditions.map { $0.mapPlaces(place) })
    case .not(let condition): .not(condition.mapPlaces(place))
    }
  }

  /// The places that are looked at.
  var places: [Place] {
    switch self {
    case .equals(let place, _), .isIn(let place, _), .less(let place, _), .greater(let place, _), .exists(let place), .isType(let place, _),
      .matches(let place, _):
      [place]
    case .all(let conditions), .any(let conditions): conditions.flatMap(\.places)
    case .not(let condition): condition.places
    }
  }

  /// Whether the condition holds; what isn't there is equal to nothing, in nothing, and of no type.
  func holds(_ value: (Place) -> AttributeValue?) -> Bool {
    switch self {
    case .all(let conditions): conditions.allSatisfy { $0.holds(value) }
    case .any(let conditions): conditions.contains { $0.holds(value) }
    case .not(let condition): !condition.holds(value)
    case .equals(let place, _), .isIn(let place, _), .less(let place, _), .greater(let place, _), .exists(let place), .isType(let place, _),
      .matches(let place, _):
      value(place).map { holds(for: $0) } ?? false
    }
  }

  /// Whether a condition on one place holds for what is there; never for those that join others.
  func holds(for value: AttributeValue) -> Bool {
    switch self {
    case .equals(_, let wanted): value == wanted
    case .isIn(_, let wanted): wanted.contains(value)
    case .less(_, let limit): Self.isLess(value, limit)
    case .greater(_, let limit): Self.isLess(limit, value)
    case .exists: true
    case .isType(_, let type): value.type == type
    case .matches(_, let template): value.stringValue.map { template.parse($0) != nil } ?? false
    case .all, .any, .not: false
    }
  }

  private static func isLess(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)): UTF8Text.less(left, right)
    case (.number(let left), .number(let right)): left < right
    case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right)
    default: false
    }
  }
}

typealias ConditionForm = Condition<AttributePath>
