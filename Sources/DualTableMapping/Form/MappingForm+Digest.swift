import DynamoDBModel
import HTTPTransport

// The bytes that the digest is of. State on disk and in the control table holds digests, so a change here makes every running migration
// refuse its own mapping: new language gets new tags, old tags stay. What doesn't bear on items (indexes, `ttl`, `revert`, places) is left out.

extension MappingForm {
  /// SHA-256 of the compiled form.
  var digest: String {
    var bytes = DigestBytes()
    bytes.put("dualtable mapping 1")
    bytes.put(old.keys)
    bytes.put(new.keys)
    bytes.put(reserved)
    bytes.put(optional: skipWhen)
    bytes.put(count: blocks.count)
    for block in blocks { bytes.put(block) }
    if !oldKey.isEmpty {
      bytes.put("old-key")
      bytes.put(count: oldKey.count)
      for rule in oldKey { bytes.put(rule) }
    }
    return sha256Hex(bytes.buffer.span)
  }
}

extension RuleForm {
  /// What the rule does, as the digest sees it: equal for rules that do the same.
  var identity: [UInt8] {
    var bytes = DigestBytes()
    bytes.put(self)
    return [UInt8](copying: bytes.buffer.span)
  }
}

private struct DigestBytes: ~Copyable {
  var buffer = ByteBuffer()

  mutating func put(count: Int) {
    buffer.appendDecimal(count)
    buffer.append(UInt8(ascii: ";"))
  }

  mutating func put(_ text: String) {
    put(count: text.utf8.count)
    buffer.append(text.utf8.span)
  }

  mutating func put(_ value: AttributeValue) { value.appendCanonical(to: &buffer) }

  mutating func put(_ path: AttributePath) { put(path.description) }

  mutating func put(_ schema: KeySchema) {
    put(count: schema.attributes.count)
    for attribute in schema.attributes {
      put(attribute.name)
      put(attribute.type.rawValue)
    }
  }

  mutating func put(_ template: Template) {
    put(count: template.pieces.count)
    for piece in template.pieces {
      switch piece {
      case .literal(let text):
        put("literal")
        put(text)
      case .hole(let path):
        put("hole")
        put(path)
      }
    }
  }

  mutating func put(_ block: BlockForm) {
    put(block.name)
    put(block.isPrimary ? "primary" : "")
    put(optional: block.skipWhen)
    put(block.rest.rawValue)
    put(count: block.drop.count)
    for path in block.drop { put(path) }
    put(count: block.rules.count)
    for rule in block.rules { put(rule) }
  }

  mutating func put(_ rule: RuleForm) {
    put(rule.target)
    switch rule.source {
    case .path(let path):
      put("from")
      put(path)
    case .constant(let value):
      put("const")
      put(value)
    case .template(let template):
      put(rule.isLossy ? "lossy template" : "template")
      put(template)
    }
    put(count: rule.steps.count)
    for step in rule.steps { put(step) }
    if let fallback = rule.fallback {
      put("default")
      put(count: Int(fallback.occasions.rawValue))
      put(fallback.value)
    }
    put(optional: rule.condition)
  }

  private mutating func put(_ step: StepForm) {
    switch step {
    case .eachBlock(let block):
      put("each block")
      put(block)
    case .eachValue(let steps):
      put("each value")
      put(count: steps.count)
      for step in steps { put(step) }
    case .parse(let template, let hole):
      put("parse")
      put(template)
      put(count: hole)
    case .convert(let conversion):
      put(conversion.isLossy ? "lossy convert" : "convert")
      put(conversion.was.rawValue)
      put(conversion.type.rawValue)
    case .lookup(let table):
      put("lookup")
      put(count: table.entries.count)
      for entry in table.entries {
        put(entry.from)
        put(entry.to)
      }
      switch table.otherwise {
      case .error: put("error")
      case .keep: put("keep")
      case .drop: put("drop")
      case .constant(let value):
        put("otherwise")
        put(value)
      }
    }
  }

  mutating func put(optional condition: ConditionForm?) {
    if let condition { put(condition) } else { put("always") }
  }

  private mutating func put(_ condition: ConditionForm) {
    switch condition {
    case .equals(let path, let value): put("equals", path, [value])
    case .isIn(let path, let values): put("in", path, values)
    case .less(let path, let value): put("less", path, [value])
    case .greater(let path, let value): put("greater", path, [value])
    case .exists(let path): put("exists", path, [])
    case .isType(let path, let type):
      put("is-type", path, [])
      put("\(type.name)")
    case .matches(let path, let template):
      put("matches", path, [])
      put(template)
    case .all(let conditions): put("all", conditions)
    case .any(let conditions): put("any", conditions)
    case .not(let condition): put("not", [condition])
    }
  }

  private mutating func put(_ name: String, _ path: AttributePath, _ values: [AttributeValue]) {
    put(name)
    put(path)
    put(count: values.count)
    for value in values { put(value) }
  }

  private mutating func put(_ name: String, _ conditions: [ConditionForm]) {
    put(name)
    put(count: conditions.count)
    for condition in conditions { put(condition) }
  }
}
