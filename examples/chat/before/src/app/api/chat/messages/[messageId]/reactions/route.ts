import { NextResponse } from "next/server";
import { prisma } from "@/lib/prisma";

export async function POST(request: Request, { params }: { params: { messageId: string } }) {
  try {
    const { emoji, userId } = await request.json();
    if (!emoji) {
      return NextResponse.json({ ok: false, code: "VALIDATION_ERROR", message: "emoji is missing" }, { status: 400 });
    }
    const reaction = await prisma.reaction.create({ data: { messageId: params.messageId, emoji, userId } });
    return NextResponse.json({ ok: true, data: reaction });
  } catch (error) {
    console.error("Failed to add reaction:", error);
    return NextResponse.json({ ok: false, code: "INTERNAL_ERROR", message: "Something went wrong" }, { status: 500 });
  }
}
