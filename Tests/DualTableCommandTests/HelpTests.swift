import ArgumentParsing
import Testing

@testable import DualTableCommand

/// The help as users see it: the tool, a command with everything in it, one of commands. Every command's words stand in the article on them.
@Suite struct HelpTests {
  @Test func `shows the tool`() async {
    #expect(
      await ToolRun.run("--help").output == """
        OVERVIEW: Moves a live DynamoDB table to a new table with a new item format.

        Settings come from flags, then environment variables (DUALTABLE_… and AWS's
        own), then dualtable.yaml in the current directory.

        USAGE: dualtable <subcommand>

        EXAMPLES:
          dualtable rehearse
              Rehearses with the built-in mapping and 200,000 made-up items.
          dualtable seed --old users --new users-v2 --items 20000 --endpoint-url http://127.0.0.1:8000 --region us-east-1
              Makes up 20,000 items at a local engine.

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          rehearse                Rehearses a whole migration on this machine: tables, a
                                  live service, faults, a crash, every phase.
          seed                    Creates both tables as a mapping says and fills the
                                  old one with items to try with.
          plan                    Looks at both tables before anything begins: what
                                  stands in the way, how long it takes, what it costs.
          backfill                Scans the old table, converts each item and puts it
                                  into the new table where nothing is yet.
          verify                  Shows that every id the old table yields is in the new
                                  one, live or deleted there.
          redrive                 Takes up a backfill's dead letters again, after the
                                  mapping was mended.
          status                  Tells where a backfill stands, whether it runs or not.
          report                  Makes a page that tells of a migration: what was
                                  copied, what wasn't and why, how fast, who agreed.
          ctl                     Changes a backfill that runs: its rates, its open
                                  segments; pauses it, lets it go on, stops it.
          phase                   Begins a migration in a control table, and shows where
                                  it stands.
          cutover                 Takes the migration to the next phase, or back, once
                                  nothing stands in the way.
          fence                   Denies every write to the old table by its resource
                                  policy, and waits until none passes.
          sweep                   Takes the tombstones out of the new table, once every
                                  participant has acknowledged phase new.
          iam                     Prints the least that the service, the backfill, the
                                  verifier and the operator must be allowed.
          deploy                  Prints manifests that run workers of a backfill on an
                                  engine you already have; applies nothing.
          local                   Serves an embedded DynamoDB on a port, for any SDK.
          mapping                 Checks mapping files and tries them out.
          completions             Prints a completion script for a shell.

        See 'dualtable help <subcommand>' for detailed help.

        """)
  }

  @Test func `shows backfill`() async {
    #expect(
      await ToolRun.run("backfill --help").output == """
        OVERVIEW: Scans the old table, converts each item and puts it into the new table
        where nothing is yet.

        Killed or stopped at any moment, the same command goes on where it stopped; on a
        finished run it prints the totals again.

        Items that can't be migrated become dead letters, a line of JSON each, and the
        run goes on.

        With --control and without --state the run lies in the control table: start the
        same command on any number of machines, which share its segments and its
        budgets, and come and go as they like.

        Exit status: 0 done; 1 done, with dead letters; 2 could not; 3 stopped at a
        limit; 130 interrupted.

        USAGE: dualtable backfill --old <table> --new <table> --mapping <file>
               [<options>]

        EXAMPLES:
          dualtable backfill --old users --new users-v2 --mapping users.yaml --offline
              Copies the table while nothing else writes to it.
          dualtable backfill --old users --new users-v2 --mapping users.yaml --assume-phase dualTable --time-limit 14m
              Copies beside a service that reads both tables and writes the new one, for
              14 minutes.
          dualtable backfill --old users --new users-v2 --mapping users.yaml --offline --read-rcu 100 --write-wcu 80%
              Copies within 100 read units a second and 80 % of the new table's
              provisioned write units.

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.
          --new <table>           The table to migrate to, a name or an ARN.
          --mapping <file>        The mapping file.

        WHERE THE TABLES ARE:
          --endpoint-url <url>    Where requests go. (default: AWS's own)
          --old-endpoint-url <url>
                                  The same, for the old table only.
          --new-endpoint-url <url>
                                  The same, for the new table only.
          --region <region>       The region of both tables.
          --old-region <region>   The same, for the old table only.
          --new-region <region>   The same, for the new table only.
          --profile <name>        Credentials, region and endpoint by this profile.
          --old-profile <name>    The same, for the old table only.
          --new-profile <name>    The same, for the new table only.

        THE RUN:
          --state <directory>     Where the run keeps its state. (default:
                                  .dualtable/<old>-<new>)
          --segments <number>     How many segments the table is scanned in. (default:
                                  by the tables' size and capacity)
          --open-segments <number>
                                  Segments worked on at once. (default: 16)
          --connections <number>  Connections to an endpoint, at most. (default: 64)

        THE BACKFILL:
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.
          --offline               Nothing else writes to either table.
          --assume-phase <phase>  The whole service reads both tables and writes the new
                                  one. (values: dualTable)
          --eventual              Read the old table eventually consistently, at half
                                  the price; only once nothing has written to it for an
                                  hour.
          --max-items <number>    Stop after about so many items.
          --keys <file>           Take only the items whose old keys the file lists, as
                                  --keys-out of verify writes it.
          --dry-run               Read and convert everything and put nothing; what
                                  would be put counts as migrated.
          --read-rcu <units>      Read units a second of the old table, or a percentage
                                  of what is provisioned.
          --write-wcu <units>     Write units a second of the new table, or a percentage
                                  of what is provisioned.
          --write-mode <mode>     A conditional put an item, or PartiQL inserts 25 at a
                                  time. (values: put, batch; default: put)
          --time-limit <duration>
                                  Stop after so long.
          --memory-limit <bytes>  Memory for what is in flight: pages, and the
                                  connections' buffers. (default: 8MB)
          --dead-letter-payload <what>
                                  What a dead letter holds: the item's key, or all of
                                  it. (values: keys, full; default: keys)
          --metrics-port <[host:]port>
                                  Serve metrics for Prometheus at
                                  http://127.0.0.1:PORT/metrics; another address only by
                                  name.

        OUTPUT:
          --json                  Print the result as one JSON object.
          --log-level <level>     What is told beside the result. (values: error,
                                  warning, info, debug; default: info)
          --log-format <format>   How it is told. (values: text, json; default: text)
          --print-config          Show what holds for each setting and where it comes
                                  from, and do nothing.

        OTHER OPTIONS:
          -h, --help              Show help information.

        """)
  }

  @Test func `shows mapping`() async {
    #expect(
      await ToolRun.run("mapping --help").output == """
        OVERVIEW: Checks mapping files and tries them out.

        USAGE: dualtable mapping <subcommand>

        EXAMPLE:
          dualtable mapping check users.yaml
              Shows everything that is wrong with the file.

        OPTIONS:
          -h, --help              Show help information.

        SUBCOMMANDS:
          check                   Shows everything that is wrong with a mapping file,
                                  each at its line and column.
          apply                   Converts items from standard input, a line of DynamoDB
                                  JSON each, and prints the results.
          diff                    Shows items of a table before and after the mapping,
                                  attribute by attribute.
          invert                  Prints the inverse of a mapping file: the mapping by
                                  which a rollback moves the items back.
          schema                  Prints the JSON Schema of mapping files, by which
                                  editors complete and check them.

        See 'dualtable help mapping <subcommand>' for detailed help.

        """)
  }

  @Test func `shows completions`() async {
    #expect(
      await ToolRun.run("completions --help").output == """
        OVERVIEW: Prints a completion script for a shell.

        USAGE: dualtable completions <shell>

        EXAMPLES:
          source <(dualtable completions bash)
              Completes in this bash.
          dualtable completions zsh > ~/.zfunc/_dualtable
              Completes in every zsh whose fpath holds that folder.
          dualtable completions fish > ~/.config/fish/completions/dualtable.fish
              Completes in every fish.

        ARGUMENTS:
          <shell>                 Which shell. (values: bash, zsh, fish)

        OPTIONS:
          -h, --help              Show help information.

        """)
  }

  @Test func `every command has help that fits a terminal`() async {
    for root in ToolCommand.all(tool: "dualtable").map(\.declaration) {
      for (path, _) in root.tree(below: []) {
        let run = await ToolRun.run("\(path.joined(separator: " ")) --help")
        #expect(run.status == .done && run.output.hasPrefix("OVERVIEW: "), "\(path)")
        // An example is one line, to be copied as it is.
        for line in run.output.split(separator: "\n") { #expect(line.count <= 80 || line.hasPrefix("  dualtable "), "\(path): \(line)") }
      }
    }
  }
}
