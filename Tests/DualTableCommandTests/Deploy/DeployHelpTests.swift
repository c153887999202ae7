import Testing

@testable import DualTableCommand

/// The help of `deploy` as users see it: a change shows here first.
@Suite struct DeployHelpTests {
  @Test func `shows deploy`() async {
    #expect(
      await ToolRun.run("deploy --help").output == """
        OVERVIEW: Prints manifests that run workers of a backfill on an engine you
        already have; applies nothing.

        USAGE: dualtable deploy <subcommand>

        EXAMPLE:
          dualtable deploy kubernetes --old users --new users-v2 --mapping users.yaml --control migrations --region eu-central-1 --image registry.example/dualtable:1 | kubectl apply --server-side -f -
              Starts four workers, which share the segments and the budgets by the table
              migrations.

        OPTIONS:
          -h, --help              Show help information.

        SUBCOMMANDS:
          kubernetes              Prints a Job of workers, and the service account,
                                  config map and disruption budget that it needs.
          step-functions          Prints a CloudFormation template: a state machine that
                                  runs workers on Fargate, verifies and reports.

        See 'dualtable help deploy <subcommand>' for detailed help.

        """)
  }

  @Test func `shows deploy kubernetes`() async {
    #expect(
      await ToolRun.run("deploy kubernetes --help").output == """
        OVERVIEW: Prints a Job of workers, and the service account, config map and
        disruption budget that it needs.

        Nothing is applied and nobody is asked. The workers lease segments in the
        control table, so that any of them may be killed, evicted and started again at
        any time; a worker that ends with dead letters isn't started again. What is set
        of the backfill goes into the workers' command line; budgets are those of all
        workers together.

        Exit status: 0 printed; 2 could not.

        USAGE: dualtable deploy kubernetes --old <table> --new <table> --mapping <file>
               --control <table> --image <image> [<options>]

        EXAMPLE:
          dualtable deploy kubernetes --old users --new users-v2 --mapping users.yaml --control migrations --region eu-central-1 --image registry.example/dualtable:1 | kubectl apply --server-side -f -
              Starts four workers, which share the segments and the budgets by the table
              migrations.

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

        THE WORKERS:
          --image <image>         The container image that holds the tool.
          --workers <number>      Workers at once. (default: 4)
          --role-arn <arn>        The IAM role that the service account stands for.
          --namespace <name>      The namespace of everything that is made.

        THE BACKFILL:
          --read-rcu <units>      Read units a second of the old table, or a percentage
                                  of what is provisioned.
          --write-wcu <units>     Write units a second of the new table, or a percentage
                                  of what is provisioned.
          --write-mode <mode>     A conditional put an item, or PartiQL inserts 25 at a
                                  time. (values: put, batch; default: put)
          --eventual              Read the old table eventually consistently, at half
                                  the price; only once nothing has written to it for an
                                  hour.
          --segments <number>     How many segments the table is scanned in. (default:
                                  by the tables' size and capacity)
          --open-segments <number>
                                  Segments worked on at once. (default: 16)
          --connections <number>  Connections to an endpoint, at most. (default: 64)
          --memory-limit <bytes>  Memory for what is in flight: pages, and the
                                  connections' buffers. (default: 16MB)
          --dead-letter-payload <what>
                                  What a dead letter holds: the item's key, or all of
                                  it. (values: keys, full; default: keys)

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

  @Test func `shows deploy step-functions`() async {
    #expect(
      await ToolRun.run("deploy step-functions --help").output == """
        OVERVIEW: Prints a CloudFormation template: a state machine that runs workers on
        Fargate, verifies and reports.

        Nothing is applied and nobody is asked. The template makes a cluster, task
        definitions, a log group, roles that allow what the tasks do and nothing else,
        and the state machine; its parameters have defaults but for the subnets and
        security groups. What is set of the backfill goes into the workers' command
        line; budgets are those of all workers together.

        Exit status: 0 printed; 2 could not.

        USAGE: dualtable deploy step-functions --old <table> --new <table> --mapping
               <file> --control <table> --image <image> [<options>]

        EXAMPLE:
          dualtable deploy step-functions --old users --new users-v2 --mapping users.yaml --control migrations --image registry.example/dualtable:1 > migration.yaml
              Writes the template that 'aws cloudformation deploy --capabilities
              CAPABILITY_IAM' takes.

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

        THE WORKERS:
          --image <image>         The container image that holds the tool.
          --workers <number>      Workers at once. (default: 4)

        THE BACKFILL:
          --read-rcu <units>      Read units a second of the old table, or a percentage
                                  of what is provisioned.
          --write-wcu <units>     Write units a second of the new table, or a percentage
                                  of what is provisioned.
          --write-mode <mode>     A conditional put an item, or PartiQL inserts 25 at a
                                  time. (values: put, batch; default: put)
          --eventual              Read the old table eventually consistently, at half
                                  the price; only once nothing has written to it for an
                                  hour.
          --segments <number>     How many segments the table is scanned in. (default:
                                  by the tables' size and capacity)
          --open-segments <number>
                                  Segments worked on at once. (default: 16)
          --connections <number>  Connections to an endpoint, at most. (default: 64)
          --memory-limit <bytes>  Memory for what is in flight: pages, and the
                                  connections' buffers. (default: 16MB)
          --dead-letter-payload <what>
                                  What a dead letter holds: the item's key, or all of
                                  it. (values: keys, full; default: keys)

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
}
