import DynamoDBModel
import HTTPTransport

/// One block of the compiled form, laid out to run: the tree of all its paths, slots for what rules read, and the rules.
///
/// Both executions walk this: the one on values, and the one on an item's bytes, for which the tables of plain numbers are.
final class BlockPlan: Sendable {
  let form: BlockForm
  /// The plan's own among all of the mapping's, inner ones too, counted from 0.
  let number: Int
  let tree: PathTree
  /// The path of each slot, for errors.
  let slotPaths: [AttributePath]
  /// Items that yield nothing here: the mapping's `skip-when` or the block's.
  let skipWhen: Condition<Int>?
  /// Where its codes begin; -1 without one.
  let skipCode: Int
  /// By index: how each rule of the form runs.
  let codes: [RuleCode]
  let steps: [StepCode]
  /// The same steps as the form has them, for values.
  let stepForms: [StepForm]
  let conditions: [Condition<Int>]
  let conditionTable: ConditionTable
  let templates: TemplateTable
  let lookups: LookupTable
  /// The blocks of `each`.
  let inner: [BlockPlan]
  /// The steps of `each` on scalars, as they stand in the form.
  let valueSteps: [Range<Int>]
  /// Constants and defaults in wire form.
  let wire: ByteTable
  /// The rules of NEW's key that leave their value where it is.
  let keysInPlace: [Int]
  /// Empty for a block of `each`: only an item's root has the tombstone mark.
  let reserved: String
  /// What stands before this block's targets and paths in errors.
  let prefix: Prefix
  /// Levels above the block's maps: 0 for items.
  let depth: Int

  /// Empty for items; `lines[].` and the like for the elements of an `each`.
  struct Prefix: Sendable {
    var rule = ""
    var path = ""
  }

  /// The plans of a mapping's blocks.
  static func plans(of mapping: MappingForm) -> [BlockPlan] {
    var plans: [BlockPlan] = []
    var count = 0
    for form in mapping.blocks {
      let skips = [mapping.skipWhen, form.skipWhen].compactMap { $0 }
      plans.append(BlockPlan(form, skips: skips, reserved: mapping.reserved, prefix: Prefix(), depth: 0, count: &count))
    }
    return plans
  }

  /// The rules of `old-key`, which make OLD's key of NEW's.
  convenience init(keyRules: [RuleForm]) {
    let form = BlockForm(
      name: "", isPrimary: false, skipWhen: nil, rules: keyRules.sorted { $0.target < $1.target }, drop: [], rest: .drop, keysBack: nil,
      places: .none)
    var count = 0
    self.init(form, skips: [], reserved: "", prefix: Prefix(), depth: 0, count: &count)
  }

  /// A block whose maps lie `depth` levels down in the item.
  ///
  /// - Parameter count: plans of the mapping so far.
  init(_ form: BlockForm, skips: [ConditionForm], reserved: String, prefix: Prefix, depth: Int, count: inout Int) {
    number = count
    var builder = PlanBuilder(form, reserved: reserved, prefix: prefix, depth: depth, planCount: count + 1)
    skipWhen = skips.isEmpty ? nil : builder.condition(.any(skips))
    skipCode = skipWhen.map { builder.conditionTable.add($0) } ?? -1
    var codes: [RuleCode] = []
    var openings: [[UInt8]] = []
    for rule in form.rules.indices {
      codes.append(builder.rule(rule))
      openings.append(builder.opening(codes[rule]))
    }
    self.codes = codes
    keysInPlace = codes.indices.filter { codes[$0].isInPlace && codes[$0].isKey }
    self.form = form
    tree = builder.paths.build(rest: form.rest, openings: openings)
    slotPaths = builder.paths.slotPaths
    steps = builder.steps
    stepForms = builder.stepForms
    conditions = builder.conditions
    conditionTable = builder.conditionTable
    templates = builder.templates
    lookups = builder.lookups
    wire = builder.wire
    inner = builder.inner
    valueSteps = builder.valueSteps
    count = builder.planCount
    self.reserved = reserved
    self.prefix = prefix
    self.depth = depth
  }

  /// The error of rule number `rule`.
  func failure(_ code: ConversionError.Code, rule: Int, slot: Int = -1, found: AttributeType? = nil) -> ConversionError {
    let path = slot >= 0 ? prefix.path + slotPaths[slot].description : nil
    return ConversionError(code, rule: prefix.rule + form.rules[rule].target.description, path: path, found: found)
  }

  /// The error about what lies at `node` in the OLD item.
  func failure(_ code: ConversionError.Code, node: Int, found: AttributeType?) -> ConversionError {
    let rule = code == .occupiedTarget ? prefix.rule + tree.paths[node] : nil
    return ConversionError(code, rule: rule, path: prefix.path + tree.paths[node], found: found)
  }
}

/// How a rule runs on bytes; what is text here are ranges of the plan's tables.
struct RuleCode: BitwiseCopyable {
  enum Source: UInt8, BitwiseCopyable { case slot, constant, template }

  /// What a rule is that is nothing else: most are one of the first four, and each of these has a short way.
  enum Kind: BitwiseCopyable {
    case constant
    case copy
    case conversion(Conversion, of: AttributeType)
    /// A lookup's number.
    case lookup(Int32)
    case any
  }

  var source = Source.slot
  var kind = Kind.any
  /// The slot or the template's number.
  var index: Int32 = -1
  var constant: ByteRange = .none
  var steps: Int32 = 0
  var stepCount: Int32 = 0
  var fallback: ByteRange = .none
  var occasions: UInt8 = 0
  var condition: Int32 = -1
  /// Where its codes begin.
  var conditionCode: Int32 = -1
  var isInPlace = false
  var isLossy = false
  var isKey = false
  var isHash = false
  var keyType = AttributeType.string
  /// Levels that lie above the target; a value that comes from as deep or deeper can't become too deep.
  var depth: Int32 = 0
  var isDeeper = false

  var stepRange: Range<Int> { Int(steps)..<Int(steps + stepCount) }
}

enum StepCode: BitwiseCopyable {
  case parse(template: Int32, hole: Int32)
  case lookup(Int32)
  case convert(Conversion)
  /// A block of `inner`.
  case eachBlock(Int32)
  /// Steps of `valueSteps`.
  case eachValue(Int32)
}
