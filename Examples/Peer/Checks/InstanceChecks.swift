import NestMessaging

/// What several instances of one service owe their callers.
enum InstanceChecks {
    /// For a service that has so many instances at least.
    static func all(_ instances: Int) -> [Check] {
        [
            Check(name: "requests reach every instance", needs: .competingConsumers) { client in
                let end = ContinuousClock.now + .seconds(10)
                var met: Set<String> = []
                while met.count < instances {
                    met.insert(try await client.send("whoami", NoPayload()))
                    try Check.expect(.now < end, "met \(met.count) instances, expected \(instances)")
                }
            },
            Check(name: "a broadcast reaches every instance once", needs: .broadcast) { client in
                let run = Check.newName()
                try await client.emit("told.all", NoPayload(), options: .run(run))
                let answers: [Total] = try await Check.gather(
                    "\(instances) instances", client, "told.count", CountQuery(run: run)
                ) { $0.count { $0.count > 0 } >= instances }
                try Check.expect(answers.allSatisfy { $0.count <= 1 }, "got \(answers)")
            },
        ]
    }
}
