import Testing

@testable import DualTableCommand

/// The help as users see it: a change shows here first.
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

  @Test func `shows seed`() async {
    #expect(
      await ToolRun.run("seed --help").output == """
        OVERVIEW: Creates both tables as a mapping says and fills the old one with items
        to try with.

        The items are awkward on purpose: every type, odd names and numbers, deep
        nesting. The same seed makes the same items.

        Tables that are there already are used if they are empty.

        USAGE: dualtable seed --old <table> --new <table> [<options>]

        EXAMPLE:
          dualtable seed --old users --new users-v2 --items 20000 --endpoint-url http://127.0.0.1:8000 --region us-east-1
              Makes up 20,000 items at a local engine.

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.
          --new <table>           The table to migrate to, a name or an ARN.
          --mapping <file>        The mapping file. (default: users.yaml, built in)

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

        THE ITEMS:
          --items <number>        How many items. (default: 1000)
          --seed <number>         What the items are drawn from. (default: 1)
          --connections <number>  Connections to an endpoint, at most. (default: 64)

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
                                  connections' buffers. (default: 16MB)
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

  @Test func `shows verify`() async {
    #expect(
      await ToolRun.run("verify --help").output == """
        OVERVIEW: Shows that every id the old table yields is in the new one, live or
        deleted there.

        What seems to be missing is looked for again by consistent reads, so a service
        at work raises no false alarms. Ids that only the new table has are the
        service's own: counted, no finding. It reads both tables and writes to neither,
        but for --repair, which puts what is missing where nothing is.

        Killed or stopped at any moment, the same command goes on where its scans stood.

        Exit status: 0 nothing is missing; 1 something is, differs or can't be
        converted, repaired or not; 2 could not tell; 130 interrupted.

        USAGE: dualtable verify --old <table> --new <table> --mapping <file> [<options>]

        EXAMPLES:
          dualtable verify --old users --new users-v2 --mapping users.yaml --assume-phase dualTable --keys-out missing.jsonl
              Compares both tables beside the service and lists the old keys of what is
              missing.
          dualtable verify --old users --new users-v2 --mapping users.yaml --offline --content --repair
              Compares the items too, and puts what is missing.

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

        THE VERIFICATION:
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.
          --assume-phase <phase>  The whole service is in this phase, where no control
                                  table knows. (values: dualTable, newWithTombstones)
          --offline               Nothing else writes to either table.
          --keys-out <file>       Where the old keys of what is missing, differs or
                                  can't be converted go, a line of JSON each.
          --content               Compare the items too, not only their ids; reads all
                                  of both tables.
          --written-attribute <name>
                                  With --content: the attribute of new items that each
                                  write of the service changes; who differs there was
                                  written since.
          --repair                Put what is missing into the new table, where nothing
                                  is.
          --read-rcu <units>      Read units a second of either table, at most, or per
                                  cent of what is provisioned.
          --old-read-rcu <units>  The same, for the old table only.
          --new-read-rcu <units>  The same, for the new table only.
          --eventual              Read the old table eventually consistently, at half
                                  the price; only once nothing has written to it for an
                                  hour.
          --state <directory>     Where the run keeps its state. (default:
                                  .dualtable/<old>-<new>)
          --segments <number>     How many segments the table is scanned in. (default:
                                  by the tables' size and capacity)
          --open-segments <number>
                                  Segments worked on at once, in each table. (default:
                                  8)
          --connections <number>  Connections to an endpoint, at most. (default: 64)

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

  @Test func `shows mapping check`() async {
    #expect(
      await ToolRun.run("mapping check --help").output == """
        OVERVIEW: Shows everything that is wrong with a mapping file, each at its line
        and column.

        A file in order shows its digest, by which runs and services tell mappings
        apart.

        Exit status: 0 the file can be used; 1 it can't; 2 it can't be read.

        USAGE: dualtable mapping check [<options>] <file>

        EXAMPLE:
          dualtable mapping check users.yaml
              Checks users.yaml.

        ARGUMENTS:
          <file>                  The mapping file.

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

  @Test func `shows mapping apply`() async {
    #expect(
      await ToolRun.run("mapping apply --help").output == """
        OVERVIEW: Converts items from standard input, a line of DynamoDB JSON each, and
        prints the results.

        An item that can't be converted is told on standard error, by line, rule, path
        and type; the others go on.

        Exit status: 0 done; 1 some items can't be converted; 2 could not; 130
        interrupted.

        USAGE: dualtable mapping apply [<options>] <file>

        EXAMPLES:
          dualtable mapping apply users.yaml < items.jsonl
              Converts the items of a file.
          dualtable mapping apply users.yaml --plain < items.jsonl
              The same with items as an application's own JSON has them.

        ARGUMENTS:
          <file>                  The mapping file.

        ITEMS:
          --plain                 Items and results are plain JSON, without types: sets
                                  are printed as lists and binaries as base64.

        DIAGNOSTICS:
          --log-level <level>     What is told beside the result. (values: error,
                                  warning, info, debug; default: info)
          --log-format <format>   How it is told. (values: text, json; default: text)
          --print-config          Show what holds for each setting and where it comes
                                  from, and do nothing.

        OTHER OPTIONS:
          -h, --help              Show help information.

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
}
