internal import Glibc

/// One command prints all ratios: `swift run -c release Benchmarks [--json] [--quick] [--compare [FILE]] [group…]`.
@main
struct Benchmarks {
  static let usage = """
    usage: swift run -c release Benchmarks [--json] [--quick] [--compare [FILE.json]] [group…]

    Measures the kit against programs in C that do nothing but what must be done, in one run, taking turns.
    groups: \(Suite.allGroups.joined(separator: " "))
      --json   print one JSON object
      --quick  fewer and smaller rounds
      --compare [FILE.json]
               say how each ratio stands to an earlier run's, as --json printed it (default: the one that lies
               beside the sources); exits 1 if one is worse

    """

  static func main() async {
    do {
      try await run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      Terminal.note("error: \(error)")
      exit(2)
    }
  }

  private static func run(_ arguments: [String]) async throws {
    guard arguments.first == ChildProcess.subcommand else { exit(try measure(arguments) ? 0 : 1) }
    let rest = Array(arguments.dropFirst(2))
    switch arguments.dropFirst().first {
    case "serve": try NullServer.serve(NullServer.Options(arguments: rest))
    case Putter.limit.rawValue: try LimitRun.main(rest)
    case Putter.multi.rawValue: try LimitRun.main(rest, multi: true)
    case Putter.transport.rawValue: try await TransportRun.main(rest)
    case Putter.backfill.rawValue: try await BackfillRun.main(rest)
    case DiffRun.subcommand: try await DiffRun.main(rest)
    case PullLimit.subcommand: try PullLimit.main(rest)
    case VerifyRun.subcommand: try await VerifyRun.main(rest)
    case GetRun.subcommand: try await GetRun.main(rest)
    case RepositoryRun.subcommand: try await RepositoryRun.main(rest)
    case PageRun.subcommand: try await PageRun.main(rest)
    case "prepare": try await LocalRun.prepare(rest)
    case "scan": try await LocalRun.scan(rest)
    case "fill": try await LocalRun.fill(rest)
    case "inprocess": try await LocalRun.inProcess(rest)
    case "simulation": try SimulationRun.main(rest)
    default: throw Failure("no such child process")
    }
  }

  /// Measures and prints; false if something is worse than it was.
  private static func measure(_ arguments: [String]) throws(Failure) -> Bool {
    var suite = Suite()
    var printsJSON = false
    var baseline: Baseline?
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--json": printsJSON = true
      case "--compare":
        let file = rest.first?.hasSuffix(".json") == true ? rest.removeFirst() : Baseline.storedFile
        baseline = try Baseline(file: file)
      case "--quick": suite.isQuick = true
      case "--help", "-h":
        Terminal.write(usage)
        return true
      case _ where Suite.allGroups.contains(argument): suite.groups.append(argument)
      default: throw Failure("unknown argument \(argument); --help lists what there is")
      }
    }
    let figures = try suite.run()
    if printsJSON {
      Terminal.write("{\"figures\":[\n\(figures.map(\.json).joined(separator: ",\n"))\n]}\n")
    } else {
      for figure in figures { Terminal.write(figure.line + "\n") }
    }
    guard let changes = baseline?.changes(figures) else { return true }
    Terminal.note("\nagainst the baseline: then, its middle half, now, better (+) or worse (-)")
    for change in changes { Terminal.note(change.line) }
    return !changes.contains(where: \.isWorse)
  }
}
