import Testing

@testable import DualTableCommand

/// The help of the operator's commands as users see it: a change shows here first.
@Suite struct ControlHelpTests {
  @Test func `shows phase`() async {
    #expect(
      await ToolRun.run("phase --help").output == """
        OVERVIEW: Begins a migration in a control table, and shows where it stands.

        USAGE: dualtable phase <subcommand>

        EXAMPLE:
          dualtable phase init --old users --new users-v2 --mapping users.yaml --control migrations
              Begins the migration in phase old, in a control table that is made if it
              isn't there.

        OPTIONS:
          -h, --help              Show help information.

        SUBCOMMANDS:
          init                    Begins a migration in phase old: writes its control
                                  item, and makes the control table if it isn't there.
          show                    Shows the phase, who takes part in it, and what the
                                  last runs came to.
          drop                    Drops a backfill's run from the control table: its
                                  leases, its counts and its dead letters.

        See 'dualtable help phase <subcommand>' for detailed help.

        """)
  }

  @Test func `shows phase init`() async {
    #expect(
      await ToolRun.run("phase init --help").output == """
        OVERVIEW: Begins a migration in phase old: writes its control item, and makes
        the control table if it isn't there.

        One control table serves any number of migrations. Both tables must be there,
        keyed as the mapping says.

        Exit status: 0 done; 2 could not, as where the migration has begun already; 130
        interrupted.

        USAGE: dualtable phase init --old <table> --new <table> --mapping <file>
               --control <table> [<options>]

        EXAMPLE:
          dualtable phase init --old users --new users-v2 --mapping users.yaml --control migrations
              Begins the migration of users to users-v2.

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.
          --new <table>           The table to migrate to, a name or an ARN.
          --mapping <file>        The mapping file.
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.

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

  @Test func `shows phase show`() async {
    #expect(
      await ToolRun.run("phase show --help").output == """
        OVERVIEW: Shows the phase, who takes part in it, and what the last runs came to.

        Looks twice, six seconds apart: a participant that didn't beat in between is
        silent, and after 45 minutes of silence a switch counts it as dead. How long ago
        a beat was is by two clocks, the participant's and this machine's.

        Exit status: 0 shown; 2 could not; 130 interrupted.

        USAGE: dualtable phase show --old <table> --new <table> --control <table>
               [<options>]

        EXAMPLE:
          dualtable phase show --old users --new users-v2 --control migrations
              Shows where the migration of users stands.

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.
          --new <table>           The table to migrate to, a name or an ARN.
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.

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

  @Test func `shows cutover`() async {
    #expect(
      await ToolRun.run("cutover --help").output == """
        OVERVIEW: Takes the migration to the next phase, or back, once nothing stands in
        the way.

        Steps go old, dualRead, dualTable, newWithTombstones, new; back only from
        dualRead and from newWithTombstones. What the step needs is looked at first.
        Then every participant has to acknowledge the phase that holds, and where writes
        must not meet, none of the old kind is under way at the moment of the switch:
        those that come in it wait, for half a second or so. If not all are ready,
        nothing changes.

        Exit status: 0 the phase holds; 1 something stands in the way, and the phase is
        what it was; 2 could not; 130 interrupted.

        USAGE: dualtable cutover --to <phase> --old <table> --new <table> --mapping
               <file> --control <table> [<options>]
               dualtable cutover <subcommand>

        EXAMPLES:
          dualtable cutover --to dualRead --old users --new users-v2 --mapping users.yaml --control migrations
              Has every instance read both tables.
          dualtable cutover check --old users --new users-v2 --mapping users.yaml --control migrations
              Says whether the next step can be taken.

        THE STEP:
          --to <phase>            The phase to go to. (values: old, dualRead, dualTable,
                                  newWithTombstones, new)
          --wait <duration>       How long participants have to acknowledge the phase
                                  that holds, and what they gave up on to be resolved.
                                  (default: 2m)
          --fence-first           Deny every write to the old table first; only to
                                  dualTable.
          --accept-unresolved     Don't wait for writes to the old table that were given
                                  up on: one may still show, and be undone later. Only
                                  to dualTable.
          --give-up <file>        Old keys that stay behind, a line of JSON each as dead
                                  letters have them; a tombstone is put where their new
                                  key is known. Only to newWithTombstones.
          --yes                   Confirm what can't be undone, or stops writers.

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.
          --new <table>           The table to migrate to, a name or an ARN.
          --mapping <file>        The mapping file.
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.

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

        OUTPUT:
          --json                  Print the result as one JSON object.
          --log-level <level>     What is told beside the result. (values: error,
                                  warning, info, debug; default: info)
          --log-format <format>   How it is told. (values: text, json; default: text)
          --print-config          Show what holds for each setting and where it comes
                                  from, and do nothing.

        OTHER OPTIONS:
          -h, --help              Show help information.

        SUBCOMMANDS:
          check                   Says whether the next step can be taken, as a list and
                                  an exit status; changes nothing.

        See 'dualtable help cutover <subcommand>' for detailed help.

        """)
  }

  @Test func `shows cutover check`() async {
    #expect(
      await ToolRun.run("cutover check --help").output == """
        OVERVIEW: Says whether the next step can be taken, as a list and an exit status;
        changes nothing.

        Keeps in the control table when the old table's time to live was first seen off,
        and nothing else.

        Exit status: 0 nothing stands in the way; 1 something does; 2 could not tell;
        130 interrupted.

        USAGE: dualtable cutover check --old <table> --new <table> --mapping <file>
               --control <table> [<options>]

        EXAMPLE:
          dualtable cutover check --old users --new users-v2 --mapping users.yaml --control migrations
              Lists what the next phase needs, and whether it is so.

        THE STEP:
          --to <phase>            The phase to go to. (values: old, dualRead, dualTable,
                                  newWithTombstones, new; default: the next one)
          --quiet-for <duration>  How long no read may have found in the old table what
                                  the new one lacks. (default: 10m)

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.
          --new <table>           The table to migrate to, a name or an ARN.
          --mapping <file>        The mapping file.
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.

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

  @Test func `shows fence`() async {
    #expect(
      await ToolRun.run("fence --help").output == """
        OVERVIEW: Denies every write to the old table by its resource policy, and waits
        until none passes.

        First shows that a write which can change nothing is let in, then adds a
        statement to the policy, reads it back, and waits until such a write was refused
        for 60 seconds on end. What else stands in the policy stays. From then on
        whoever writes the old table fails, until the fence is lifted.

        Exit status: 0 the fence holds, or is lifted; 1 with --check, there is none; 2
        could not; 130 interrupted.

        USAGE: dualtable fence --old <table> [<options>]

        EXAMPLES:
          dualtable fence --old users --yes
              Keeps every writer away from the table users.
          dualtable fence --old users --check
              Says whether the fence stands.

        TABLES:
          --old <table>           The table to migrate from, a name or an ARN.

        WHERE THE TABLE IS:
          --endpoint-url <url>    Where requests go. (default: AWS's own)
          --old-endpoint-url <url>
                                  The same, for the old table only.
          --region <region>       The region of both tables.
          --old-region <region>   The same, for the old table only.
          --profile <name>        Credentials, region and endpoint by this profile.
          --old-profile <name>    The same, for the old table only.

        THE FENCE:
          --check                 Only read the policy back.
          --lift                  Take the fence down.
          --yes                   Confirm what can't be undone, or stops writers.

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

  @Test func `shows sweep`() async {
    #expect(
      await ToolRun.run("sweep --help").output == """
        OVERVIEW: Takes the tombstones out of the new table, once every participant has
        acknowledged phase new.

        Scans for the mark and deletes what still bears it. Killed or stopped at any
        moment, the same command goes on where it stopped.

        Exit status: 0 done; 1 not every participant has acknowledged phase new yet; 2
        could not; 130 interrupted.

        USAGE: dualtable sweep --old <table> --new <table> --mapping <file> [<options>]

        EXAMPLE:
          dualtable sweep --old users --new users-v2 --mapping users.yaml --control migrations --yes
              Sweeps the table users-v2 after the migration.

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

        THE SWEEP:
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.
          --assume-phase <phase>  The whole service is in this phase, where no control
                                  table knows. (values: new)
          --yes                   Confirm what can't be undone, or stops writers.
          --read-rcu <units>      Read units a second of the new table, or a percentage
                                  of what is provisioned.
          --write-wcu <units>     Write units a second of the new table, or a percentage
                                  of what is provisioned.
          --state <directory>     Where the run keeps its state. (default:
                                  .dualtable/<old>-<new>)
          --segments <number>     How many segments the table is scanned in. (default:
                                  by the tables' size and capacity)
          --open-segments <number>
                                  Segments worked on at once. (default: 16)
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

  @Test func `shows plan`() async {
    #expect(
      await ToolRun.run("plan --help").output == """
        OVERVIEW: Looks at both tables before anything begins: what stands in the way,
        how long it takes, what it costs.

        Reads settings and a sample of the old table, and writes nothing. The estimate
        rests on the service's count of items, which is up to six hours old, and on
        prices that may not be yours.

        Whether these credentials may do what a role does is seen by requests that can't
        change anything: writes whose condition is false of every item, at a write unit
        each, 12 at most for a role.

        With --create-table-json it prints the request that makes the new table, keyed
        and indexed as the mapping says and with the old table's billing, encryption,
        tags and warm throughput, and nothing else.

        Exit status: 0 nothing stands in the way; 1 something does; 2 could not; 130
        interrupted.

        USAGE: dualtable plan --old <table> --new <table> --mapping <file> [<options>]

        EXAMPLES:
          dualtable plan --old users --new users-v2 --mapping users.yaml
              Lists what was found, and estimates time and cost.
          dualtable plan --create-table-json --old users --new users-v2 --mapping users.yaml
              Prints what aws dynamodb create-table --cli-input-json takes.

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

        THE PLAN:
          --control <table>       The table in which the migration's phase stands,
                                  beside the new table.
          --role <role>           Whose permissions to look for. (values: service,
                                  backfill, verifier, operator; default: backfill)
          --write-mode <mode>     A conditional put an item, or PartiQL inserts 25 at a
                                  time. (values: put, batch; default: put)
          --sample <number>       Items of the old table to look at. (default: 1000)
          --open-segments <number>
                                  Segments worked on at once. (default: 16)
          --price-read <dollars>  What a million read units cost. (default: 0.125)
          --price-write <dollars>
                                  What a million write units cost. (default: 0.625)
          --create-table-json     Only print the request that makes the new table.

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
}
