"""AuraFlow; Pony 7 is trained on it and shares all layers."""

from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

AURAFLOW = Fingerprint(
    denoiser=Listed(
        """
        pos_embed.proj 16 3072
        context_embedder 2048 3072
        time_step_proj.linear_1 256 3072
        time_step_proj.linear_2 3072 3072
        joint_transformer_blocks.0-3.norm1.linear 3072 18432
        joint_transformer_blocks.0-3.norm1_context.linear 3072 18432
        joint_transformer_blocks.0-3.attn.to_q 3072 3072
        joint_transformer_blocks.0-3.attn.to_k 3072 3072
        joint_transformer_blocks.0-3.attn.to_v 3072 3072
        joint_transformer_blocks.0-3.attn.add_k_proj 3072 3072
        joint_transformer_blocks.0-3.attn.add_v_proj 3072 3072
        joint_transformer_blocks.0-3.attn.add_q_proj 3072 3072
        joint_transformer_blocks.0-3.attn.to_out.0 3072 3072
        joint_transformer_blocks.0-3.attn.to_add_out 3072 3072
        joint_transformer_blocks.0-3.ff.linear_1 3072 8192
        joint_transformer_blocks.0-3.ff.linear_2 3072 8192
        joint_transformer_blocks.0-3.ff.out_projection 8192 3072
        joint_transformer_blocks.0-3.ff_context.linear_1 3072 8192
        joint_transformer_blocks.0-3.ff_context.linear_2 3072 8192
        joint_transformer_blocks.0-3.ff_context.out_projection 8192 3072
        single_transformer_blocks.0-31.norm1.linear 3072 18432
        single_transformer_blocks.0-31.attn.to_q 3072 3072
        single_transformer_blocks.0-31.attn.to_k 3072 3072
        single_transformer_blocks.0-31.attn.to_v 3072 3072
        single_transformer_blocks.0-31.attn.to_out.0 3072 3072
        single_transformer_blocks.0-31.ff.linear_1 3072 8192
        single_transformer_blocks.0-31.ff.linear_2 3072 8192
        single_transformer_blocks.0-31.ff.out_projection 8192 3072
        norm_out.linear 3072 6144
        proj_out 3072 16
        """,
        """
        t_embedder.mlp.0 = time_step_proj.linear_1
        t_embedder.mlp.2 = time_step_proj.linear_2
        cond_seq_linear = context_embedder
        init_x_linear = pos_embed.proj
        final_linear = proj_out
        modF.1 = ~norm_out.linear
        double_layers.*.mlpX.c_fc1 = joint_transformer_blocks.*.ff.linear_1
        double_layers.*.mlpX.c_fc2 = joint_transformer_blocks.*.ff.linear_2
        double_layers.*.mlpX.c_proj = joint_transformer_blocks.*.ff.out_projection
        double_layers.*.mlpC.c_fc1 = joint_transformer_blocks.*.ff_context.linear_1
        double_layers.*.mlpC.c_fc2 = joint_transformer_blocks.*.ff_context.linear_2
        double_layers.*.mlpC.c_proj = joint_transformer_blocks.*.ff_context.out_projection
        double_layers.*.modX.1 = joint_transformer_blocks.*.norm1.linear
        double_layers.*.modC.1 = joint_transformer_blocks.*.norm1_context.linear
        double_layers.*.attn.w2q = joint_transformer_blocks.*.attn.to_q
        double_layers.*.attn.w2k = joint_transformer_blocks.*.attn.to_k
        double_layers.*.attn.w2v = joint_transformer_blocks.*.attn.to_v
        double_layers.*.attn.w2o = joint_transformer_blocks.*.attn.to_out.0
        double_layers.*.attn.w1q = joint_transformer_blocks.*.attn.add_q_proj
        double_layers.*.attn.w1k = joint_transformer_blocks.*.attn.add_k_proj
        double_layers.*.attn.w1v = joint_transformer_blocks.*.attn.add_v_proj
        double_layers.*.attn.w1o = joint_transformer_blocks.*.attn.to_add_out
        single_layers.*.mlp.c_fc1 = single_transformer_blocks.*.ff.linear_1
        single_layers.*.mlp.c_fc2 = single_transformer_blocks.*.ff.linear_2
        single_layers.*.mlp.c_proj = single_transformer_blocks.*.ff.out_projection
        single_layers.*.modCX.1 = single_transformer_blocks.*.norm1.linear
        single_layers.*.attn.w1q = single_transformer_blocks.*.attn.to_q
        single_layers.*.attn.w1k = single_transformer_blocks.*.attn.to_k
        single_layers.*.attn.w1v = single_transformer_blocks.*.attn.to_v
        single_layers.*.attn.w1o = single_transformer_blocks.*.attn.to_out.0
        """,
    ),
    # Attention of its single blocks is named and as wide as FLUX.1's.
    yields_to=("flux1",),
    yields_by=(".transformer_blocks.", ".single_transformer_blocks.37."),
)
