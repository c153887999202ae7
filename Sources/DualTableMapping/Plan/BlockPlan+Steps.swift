import DynamoDBModel

extension BlockPlan {
  /// What a run of steps of rule number `rule` makes of `value`; nil for an absent target.
  func apply(_ range: Range<Int>, to value: AttributeValue, rule: Int) throws(ConversionError) -> AttributeValue? {
    var value = value
    for index in range {
      guard let next = try apply(index, to: value, rule: rule) else { return nil }
      value = next
    }
    return value
  }

  private func apply(_ index: Int, to value: AttributeValue, rule: Int) throws(ConversionError) -> AttributeValue? {
    switch (steps[index], value) {
    case (.eachBlock(let number), .list(let elements)):
      var results: [AttributeValue] = []
      for element in elements {
        if let result = try convert(element, inner[Int(number)], rule: rule) { results.append(.map(result)) }
      }
      return .list(results)
    case (.eachBlock(let number), .map(let members)):
      var results = AttributeMap()
      for (name, member) in members {
        if let result = try convert(member, inner[Int(number)], rule: rule) { results[name] = .map(result) }
      }
      return .map(results)
    case (.eachValue(let number), .list(let elements)):
      var results: [AttributeValue] = []
      for element in elements {
        if let result = try apply(valueSteps[Int(number)], to: element, rule: rule) { results.append(result) }
      }
      return .list(results)
    default:
      do throws(ConversionFault) {
        return try stepForms[index].apply(to: value)
      } catch {
        throw failure(error.code, rule: rule, slot: slot(of: rule), found: value.type)
      }
    }
  }

  private func convert(_ element: AttributeValue, _ block: BlockPlan, rule: Int) throws(ConversionError) -> AttributeMap? {
    guard let map = element.mapValue else { throw failure(.wrongType, rule: rule, slot: slot(of: rule), found: element.type) }
    return try ValueRun.convert(map, block)
  }

  /// The slot that a rule reads, -1 if it reads several or none.
  func slot(of rule: Int) -> Int { codes[rule].source == .slot ? Int(codes[rule].index) : -1 }
}
