import DynamoDBModel
import HTTPTransport

/// Lays out one block's rules: each path gets its node, each value that is read a slot, each constant its bytes.
struct PlanBuilder: ~Copyable {
  private let form: BlockForm
  /// What is taken as a whole by rules other than those that leave a value in place, and by `drop`.
  private let taken: [AttributePath]
  private let prefix: BlockPlan.Prefix
  private let depth: Int
  var paths = PathTreeBuilder()
  private(set) var steps: [StepCode] = []
  private(set) var stepForms: [StepForm] = []
  private(set) var conditions: [Condition<Int>] = []
  var conditionTable = ConditionTable()
  private(set) var templates = TemplateTable()
  private(set) var lookups = LookupTable()
  private(set) var inner: [BlockPlan] = []
  private(set) var valueSteps: [Range<Int>] = []
  private(set) var wire = ByteTable()
  /// Plans of the mapping so far.
  private(set) var planCount: Int

  init(_ form: BlockForm, reserved: String, prefix: BlockPlan.Prefix, depth: Int, planCount: Int) {
    self.form = form
    self.planCount = planCount
    self.prefix = prefix
    self.depth = depth
    let sources = form.rules.compactMap { rule -> AttributePath? in
      if case .path(let path) = rule.source, !rule.isInPlace { path } else { nil }
    }
    taken = sources + form.drop
    if !reserved.isEmpty { paths.reserve(reserved) }
    for path in taken { paths.take(path) }
  }

  mutating func condition(_ form: ConditionForm) -> Condition<Int> {
    form.mapPlaces { paths.slot($0) }
  }

  /// Lays out rule number `index`.
  mutating func rule(_ index: Int) -> RuleCode {
    let rule = form.rules[index]
    var code = RuleCode()
    // In a key an ambiguous text is never right, whatever the file allows.
    code.isLossy = rule.isLossy && rule.key == nil
    code.depth = Int32(depth + rule.target.steps.count)
    if let key = rule.key {
      code.isKey = true
      code.isHash = key.isHash
      code.keyType = key.type
    }
    switch rule.source {
    case .path(let path):
      code.index = Int32(paths.slot(path))
      code.isDeeper = rule.target.steps.count > path.steps.count
    case .constant(let value):
      code.source = .constant
      code.constant = wire.add(value)
    case .template(let template):
      code.source = .template
      code.index = Int32(templates.add(template, slots: template.holes.map { paths.slot($0) }))
    }
    // Where something above it is taken away, a value can't stay: then it is moved like any other.
    if rule.isInPlace, !taken.contains(where: { $0 != rule.target && $0.isPrefix(of: rule.target) }) {
      code.isInPlace = true
      paths.stay(rule.target)
    } else {
      paths.write(rule.target, rule: index)
    }
    let steps = self.steps(rule.steps, of: rule)
    code.steps = Int32(steps.lowerBound)
    code.stepCount = Int32(steps.count)
    if let fallback = rule.fallback {
      code.fallback = wire.add(fallback.value)
      code.occasions = fallback.occasions.rawValue
    }
    if let condition = rule.condition {
      code.condition = Int32(conditions.count)
      conditions.append(self.condition(condition))
      code.conditionCode = Int32(conditionTable.add(conditions[Int(code.condition)]))
    }
    code.kind = kind(code)
    return code
  }

  private func kind(_ code: RuleCode) -> RuleCode.Kind {
    guard code.condition < 0 && code.fallback.isNone else { return .any }
    switch (code.source, code.stepCount) {
    case (.constant, _): return .constant
    case (.slot, 0): return .copy
    case (.slot, 1):
      switch steps[Int(code.steps)] {
      case .convert(let conversion) where conversion.isScalar: return .conversion(conversion, of: conversion.was.type ?? .string)
      case .lookup(let number): return .lookup(number)
      default: return .any
      }
    default: return .any
    }
  }

  /// The bytes that every value begins with which a rule makes.
  func opening(_ code: RuleCode) -> [UInt8] {
    switch code.kind {
    case .constant: wire.bytes(code.constant)
    case .conversion(let conversion, _): Array("{\"\((conversion.type.type ?? .string).name)\":\"".utf8)
    case .copy, .lookup, .any: []
    }
  }

  /// Lays out steps side by side; those of an `each` come before the ones that it is among.
  private mutating func steps(_ forms: [StepForm], of rule: RuleForm) -> Range<Int> {
    var codes: [StepCode] = []
    for form in forms { codes.append(step(form, of: rule)) }
    steps += codes
    stepForms += forms
    return steps.count - codes.count..<steps.count
  }

  private mutating func step(_ step: StepForm, of rule: RuleForm) -> StepCode {
    switch step {
    case .eachBlock(let block):
      var source = rule.target
      if case .path(let path) = rule.source { source = path }
      inner.append(
        BlockPlan(
          block, skips: [block.skipWhen].compactMap { $0 }, reserved: "",
          prefix: .init(rule: "\(prefix.rule)\(rule.target)[].", path: "\(prefix.path)\(source)[]."),
          depth: depth + rule.target.steps.count + 1, count: &planCount))
      return .eachBlock(Int32(inner.count - 1))
    case .eachValue(let forms):
      valueSteps.append(steps(forms, of: rule))
      return .eachValue(Int32(valueSteps.count - 1))
    case .parse(let template, let hole):
      return .parse(template: Int32(templates.add(template, slots: Array(template.holes.indices))), hole: Int32(hole))
    case .convert(let conversion): return .convert(conversion)
    case .lookup(let table): return .lookup(Int32(lookups.add(table, &wire)))
    }
  }
}
