import OpenAI from "openai";
import { NextResponse } from "next/server";
import { prisma } from "@/lib/prisma";
import { rateLimit } from "@/lib/rateLimit";

const openai = new OpenAI({ maxRetries: 0 });

export async function POST(request: Request) {
  try {
    const { ticketId, userId } = await request.json();
    if (!rateLimit(`ai:${userId}`, 5, 60_000).allowed) {
      return NextResponse.json({ ok: false, code: "RATE_LIMITED", message: "Slow down" }, { status: 429 });
    }
    const ticket = await prisma.ticket.findUniqueOrThrow({ where: { id: ticketId } });
    const answer = await openai.chat.completions.create({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: ticket.text }],
    });
    return NextResponse.json({ ok: true, data: answer.choices[0].message.content });
  } catch (error) {
    console.error("AI assistant error:", error);
    return NextResponse.json({ ok: false, code: "INTERNAL_ERROR", message: "AI failed" }, { status: 500 });
  }
}
