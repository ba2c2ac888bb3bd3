import Testing

@Suite("Markers in the wrong place") struct MarkerPlaceTests {
    @Test("does not see what is inside #if")
    func conditions() {
        expect(
            """
            @Controller struct Orders {
                #if DEBUG
                @MessagePattern("a") func a() {}
                #elseif TEST
                #if os(Linux)
                @OnEvent("b") func b() {}
                #endif
                #endif
            }
            """,
            reports: [
                "3:31 error: a handler inside #if is not seen by the macro: put the #if inside the body "
                    + "of `a`",
                "6:24 error: a handler inside #if is not seen by the macro: put the #if inside the body "
                    + "of `b`",
            ])
    }

    @Test("wants handlers in the body")
    func extensions() {
        expect(
            """
            extension Orders {
                @MessagePattern("a") func a() {}
                @OnEvent("b") func b() {}
                @UseGuards(G.self) @EventPattern("c") func c() {}
            }
            """,
            reports: [
                "2:5 error: @MessagePattern is not seen in an extension: move it into the body of the "
                    + "type with @Controller",
                "3:5 error: @OnEvent is not seen in an extension: move it into the body of the type with "
                    + "@Injectable or @Controller",
                "4:5 error: @UseGuards is not seen in an extension: move it into the body of the type "
                    + "with @Controller",
                "4:24 error: @EventPattern is not seen in an extension: move it into the body of the "
                    + "type with @Controller",
            ])
    }

    @Test("wants a controller around a handler")
    func unmarkedTypes() {
        expect(
            """
            struct Orders {
                @MessagePattern("a") func a() {}
                @OnEvent("b") func b() {}
            }
            """,
            reports: [
                "2:5 error: @MessagePattern does nothing here: mark `Orders` with @Controller",
                "3:5 error: @OnEvent does nothing here: mark `Orders` with @Injectable or @Controller",
            ])
        expect(
            """
            @Injectable struct Orders {
                @EventPattern("a") func a() {}
            }
            """,
            reports: [
                "2:5 error: @EventPattern does nothing here: mark `Orders` with @Controller"
            ])
    }

    @Test("wants markers or handlers by hand")
    func both() {
        expect(
            """
            @Controller struct Orders {
                static var handlers: [Handler<Orders>] { [] }
                @MessagePattern("a") func a() {}
            }
            """,
            reports: [
                "2:16 error: @Controller writes `handlers` from the methods with markers: remove this, "
                    + "or the markers"
            ])
    }

    @Test("wants a method of a type")
    func loose() {
        expect(
            #"@MessagePattern("a") func a() {}"#,
            reports: [
                "1:1 error: @MessagePattern does nothing here: move it into the body of a type with "
                    + "@Controller"
            ])
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("b") func b() {}
                @MessagePattern("a") var a: Int { 1 }
                func outer() {
                    @EventPattern("b") func inner() {}
                }
            }
            """,
            reports: [
                "3:5 error: @MessagePattern marks a method: move it to the `func` that is to be called",
                "5:9 error: @EventPattern does nothing here: move it into the body of a type with "
                    + "@Controller",
            ])
    }
}
